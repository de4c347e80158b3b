//! Problems of worlds, with their locations.

use std::fmt;

/// Maximum number of problems in a message.
const SHOWN: usize = 100;

/// A problem of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) file: String,
    /// JSON pointer into the file; empty if the problem is about the file as a whole.
    pub(crate) pointer: String,
    /// The expected and the actual value, and the position.
    pub(crate) problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.pointer.is_empty() { String::new() } else { format!("{}: ", self.pointer) };
        write!(f, "{}: {at}{}", self.file, self.problem)
    }
}

/// An invalid world, with all its problems, one per line. No part of it has been loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixtureError(Vec<Problem>);

impl FixtureError {
    /// `problems` must not be empty.
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    /// The number of problems.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for FixtureError {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for FixtureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{problem}", if at == 0 { "" } else { "\n" })?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}

impl std::error::Error for FixtureError {}
