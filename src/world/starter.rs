//! A world to start from, with comments, and tests that use it.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The name of the world's file.
const WORLD: &str = "world.yaml";

/// A test framework for which a test can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum TestFramework {
    /// JavaScript and TypeScript.
    Vitest,
    /// Python.
    Pytest,
    /// Rust.
    Rust,
}

impl TestFramework {
    /// The name and the content of the test's file.
    fn test(self) -> (&'static str, &'static str) {
        match self {
            Self::Vitest => ("world.test.mjs", include_str!("starter/world.test.mjs")),
            Self::Pytest => ("test_world.py", include_str!("starter/test_world.py")),
            Self::Rust => ("world.rs", include_str!("starter/world.txt")),
        }
    }
}

/// Writes a commented world to a directory, and a test if a framework is given. Returns the files. Existing files are
/// not replaced: the first one is an error, and nothing is written.
pub fn init(directory: &Path, test: Option<TestFramework>) -> io::Result<Vec<PathBuf>> {
    let files = [(WORLD, include_str!("starter/world.yaml"))].into_iter().chain(test.map(TestFramework::test));
    let files: Vec<_> = files.map(|(name, text)| (directory.join(name), text)).collect();
    if let Some((file, _)) = files.iter().find(|(file, _)| file.exists()) {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} exists already", file.display())));
    }
    let named = |path: &Path, error: &io::Error| {
        io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display()))
    };
    fs::create_dir_all(directory).map_err(|error| named(directory, &error))?;
    for (file, text) in &files {
        let created = fs::OpenOptions::new().write(true).create_new(true).open(file);
        created.and_then(|mut opened| opened.write_all(text.as_bytes())).map_err(|error| named(file, &error))?;
    }
    Ok(files.into_iter().map(|(file, _)| file).collect())
}
