//! Mutation testing with all mutants in one program: cargo-mutants lists them, a copy of the project is instrumented
//! with them and built, and each is switched on for the tests that reach it.

mod compile;
mod instrument;
mod report;
mod run;

use std::{env, error::Error, fs, path::PathBuf};

use serde::Deserialize;

/// A mutant as listed by cargo-mutants. Its number is its position in the list.
#[derive(Deserialize)]
pub struct Mutant {
    pub name: String,
    pub file: String,
    pub function: Option<Function>,
    pub span: Span,
    pub replacement: String,
    pub genre: String,
}

#[derive(Deserialize)]
pub struct Function {
    pub return_type: String,
}

#[derive(Deserialize)]
pub struct Span {
    pub start: Position,
    pub end: Position,
}

/// Both count from 1; columns are characters.
#[derive(Clone, Copy, Deserialize)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// The folders of a run.
pub struct Folders {
    pub project: PathBuf,
    /// The instrumented copy of the project.
    pub copy: PathBuf,
    /// Results. They are kept between runs, and finished work is not repeated.
    pub out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let mut next = || arguments.next().ok_or("PROJECT COPY OUT [MINUTES], please");
    let folders = Folders { project: next()?, copy: next()?, out: next()? };
    let minutes = next().ok().and_then(|minutes| minutes.to_str()?.parse().ok());
    let mutants: Vec<Mutant> = serde_json::from_slice(&fs::read(folders.out.join("mutants.json"))?)?;
    let built = compile::build(&folders, &mutants)?;
    let results = run::run(&folders, &mutants, &built, minutes)?;
    let summary = report::summary(&mutants, &built, &results);
    fs::write(folders.out.join("summary.md"), &summary)?;
    println!("{summary}");
    Ok(())
}
