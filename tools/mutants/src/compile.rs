//! Builds the instrumented copy. Mutants that do not compile are removed until the rest does.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::{Value, from_slice, from_str, to_vec_pretty};

use crate::{Folders, Mutant, instrument};

pub struct Built {
    /// The test binaries.
    pub binaries: Vec<PathBuf>,
    /// The mutants that were left out, with the reason.
    pub left: BTreeMap<usize, String>,
}

pub const UNVIABLE: &str = "does not compile";
pub const AROUND: &str = "its surroundings do not compile with it";

pub fn build(folders: &Folders, mutants: &[Mutant]) -> Result<Built, Box<dyn Error>> {
    let file = folders.out.join("dropped.json");
    let mut left: BTreeMap<usize, String> =
        fs::read(&file).map(|text| from_slice(&text)).unwrap_or_else(|_| Ok(BTreeMap::new()))?;
    let library = folders.project.join("src/lib.rs");
    let switch = "\nmod mutant_switch;\npub(crate) use mutant_switch::mutant;\n";
    write(folders, "src/lib.rs", &(fs::read_to_string(library)? + switch))?;
    write(folders, "src/mutant_switch.rs", include_str!("switch.rs"))?;
    let mut files = BTreeMap::<_, Vec<_>>::new();
    for (number, mutant) in mutants.iter().enumerate() {
        files.entry(mutant.file.as_str()).or_default().push((number, mutant));
    }
    loop {
        let mut marks = BTreeMap::new();
        for (name, mutants) in &files {
            let text = fs::read_to_string(folders.project.join(name))?;
            let mutants: Vec<_> = mutants.iter().copied().filter(|(number, _)| !left.contains_key(number)).collect();
            let instrumented = instrument::instrument(&text, &mutants);
            left.extend(instrumented.left.into_iter().map(|(number, reason)| (number, reason.to_owned())));
            write(folders, name, &instrumented.text)?;
            marks.insert(*name, instrumented.marks);
        }
        let (before, mut unexplained) = (left.len(), Vec::new());
        let messages = cargo(folders, &["test", "--no-run", "--tests"])?;
        for error in errors(&messages) {
            let spans = error["spans"].as_array().into_iter().flatten().filter(|span| span["is_primary"] == true);
            let mut found = false;
            for span in spans {
                let Some(marks) = span["file_name"].as_str().and_then(|file| marks.get(file)) else { continue };
                let at = usize::try_from(span["byte_start"].as_u64().unwrap_or(0))?;
                let near = marks.iter().filter(|mark| mark.range.contains(&at));
                let Some(mark) = near.min_by_key(|mark| (!mark.own, mark.range.len())) else { continue };
                found = true;
                let reason = if mark.own { UNVIABLE } else { AROUND };
                left.extend(mark.mutants.iter().map(|number| (*number, reason.to_owned())));
            }
            if !found {
                unexplained.push(error["rendered"].as_str().unwrap_or_default().to_owned());
            }
        }
        fs::write(&file, to_vec_pretty(&left)?)?;
        eprintln!("{} of {} mutants are left out", left.len(), mutants.len());
        if errors(&messages).next().is_none() {
            let tests = messages
                .iter()
                .filter(|message| message["profile"]["test"] == true && message["executable"].is_string());
            let mut binaries: Vec<_> =
                tests.map(|message| PathBuf::from(message["executable"].as_str().unwrap_or_default())).collect();
            // Test binaries are reported as they are built.
            binaries.sort_unstable();
            return Ok(Built { binaries, left });
        }
        if left.len() == before {
            return Err(format!("no mutant causes these errors:\n{}", unexplained.join("\n")).into());
        }
    }
}

/// Writes a file of the copy, unless it is unchanged.
fn write(folders: &Folders, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let file = folders.copy.join(name);
    if fs::read_to_string(&file).ok().as_deref() != Some(text) {
        fs::write(file, text)?;
    }
    Ok(())
}

fn cargo(folders: &Folders, arguments: &[&str]) -> Result<Vec<Value>, Box<dyn Error>> {
    // Debug assertions validate every response against its type. Everything is optimized slightly, since the tests run
    // often.
    let profile = ["opt-level=1", "debug=0", "incremental=false"];
    let mut command = Command::new("cargo");
    command.args(profile.iter().flat_map(|setting| ["--config".to_owned(), format!("profile.dev.{setting}")]));
    command.args(arguments).args(["--locked", "--message-format=json"]).current_dir(&folders.copy);
    let output = command.env("RUSTFLAGS", "--cap-lints warn").stderr(Stdio::inherit()).output()?;
    Ok(String::from_utf8(output.stdout)?.lines().filter_map(|line| from_str(line).ok()).collect())
}

fn errors(messages: &[Value]) -> impl Iterator<Item = &Value> {
    messages.iter().map(|message| &message["message"]).filter(|message| message["level"] == "error")
}
