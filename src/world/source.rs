//! The files of a world as written: their values, and the position of each value.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::{Value, value::RawValue};

use super::{
    repetition,
    yaml::{self, Document, Marks},
};
use crate::{
    state::{fixture, problem::Problem},
    value::json,
};

/// Maximum size of a handwritten file. Devices are endless.
const BYTES: u64 = 1 << 28;

/// Extensions of the files that are read in a directory.
const EXTENSIONS: [&str; 3] = ["json", "yaml", "yml"];

/// A file of a world.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) value: Value,
    /// Problems of the text that do not prevent it from being read.
    pub(super) problems: Vec<Problem>,
    text: Text,
}

/// The text from which positions are derived.
enum Text {
    Json(String),
    Yaml(Marks),
    /// The value was not read from a text.
    None,
}

impl Source {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Problem> {
        let unreadable = |error: &io::Error| fixture::unreadable(path, error);
        let mut text = Vec::new();
        let opened = fs::File::open(path).map_err(|error| unreadable(&error))?;
        opened.take(BYTES).read_to_end(&mut text).map_err(|error| unreadable(&error))?;
        if text.len() as u64 == BYTES {
            return Err(unreadable(&io::Error::other(format!("expected less than {} MB", BYTES >> 20))));
        }
        let name = path.display().to_string();
        if is_json(path) { Self::json(name, &text) } else { Self::yaml(name, &text) }
    }

    /// A world in memory.
    pub(super) fn of(name: &str, value: Value) -> Self {
        Self { name: name.to_owned(), value, problems: Vec::new(), text: Text::None }
    }

    pub(super) fn json(name: String, text: &[u8]) -> Result<Self, Problem> {
        let text = text.strip_prefix(json::BYTE_ORDER_MARK).unwrap_or(text);
        // Lone surrogates are accepted, as JavaScript does; invalid UTF-8 is not.
        if let Some(problem) = fixture::syntax(&name, text).filter(|problem| !problem.problem.contains("hex escape")) {
            return Err(problem);
        }
        let problems = repetitions(&name, text);
        let text = String::from_utf8_lossy(&json::mended(text)).into_owned();
        let value = json::read(text.as_bytes());
        let value = value.map_err(|problem| Problem { file: name.clone(), pointer: "/".to_owned(), problem })?;
        Ok(Self { name, value, problems, text: Text::Json(text) })
    }

    fn yaml(name: String, text: &[u8]) -> Result<Self, Problem> {
        let text = text.strip_prefix(json::BYTE_ORDER_MARK).unwrap_or(text);
        let problem = |problem| Problem { file: name.clone(), pointer: "/".to_owned(), problem };
        let text = std::str::from_utf8(text).map_err(|error| problem(format!("expected UTF-8, found {error}")))?;
        let Document { value, marks, problems } = yaml::read(text).map_err(|error| problem(error.to_string()))?;
        if value.is_null() {
            // Editors briefly empty files when saving them.
            return Err(problem("expected an object of collections, found an empty file".to_owned()));
        }
        let problems = problems.into_iter().map(|(pointer, error)| {
            let (file, problem) = (name.clone(), error.to_string());
            Problem { file, pointer, problem }
        });
        Ok(Self { problems: problems.collect(), name, value, text: Text::Yaml(marks) })
    }

    /// The text of a number or a boolean as written, if known.
    pub(super) fn written(&self, pointer: &str) -> Option<&str> {
        match &self.text {
            Text::Yaml(marks) => marks.get(pointer)?.written.as_deref(),
            Text::Json(_) | Text::None => None,
        }
    }

    /// A problem at a value, or at the closest enclosing value.
    pub(super) fn problem(&self, pointer: &str, problem: &str) -> Problem {
        let position = self.position(pointer);
        let position = position.map(|(line, column)| format!(" (line {line}, column {column})"));
        let pointer = if pointer.is_empty() { "/" } else { pointer };
        let problem = format!("{problem}{}", position.unwrap_or_default());
        Problem { file: self.name.clone(), pointer: pointer.to_owned(), problem }
    }

    /// Line and column of a value, or of the closest enclosing value.
    fn position(&self, pointer: &str) -> Option<(usize, usize)> {
        match &self.text {
            Text::None => None,
            Text::Json(text) => Some(position_in_json(text, pointer)),
            Text::Yaml(marks) => {
                let mut pointer = pointer;
                loop {
                    match (marks.get(pointer), pointer.rsplit_once('/')) {
                        (Some(mark), _) => return Some((mark.line, mark.column)),
                        (None, Some((around, _))) => pointer = around,
                        (None, None) => return None,
                    }
                }
            }
        }
    }
}

/// The files at a path: itself, or those of a directory in the order of their names.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| fixture::unreadable(path, &error))?;
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    let is_read = |file: &PathBuf| EXTENSIONS.iter().any(|known| file.extension().is_some_and(|own| own == *known));
    files.retain(is_read);
    files.sort();
    if files.is_empty() {
        let problem = "no *.json files in this directory, and no *.yaml or *.yml files".to_owned();
        return Err(Problem { file: path.display().to_string(), pointer: String::new(), problem });
    }
    Ok(files)
}

/// Whether a file is read as JSON. Files without a known extension are.
pub(super) fn is_json(path: &Path) -> bool {
    !path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// The repeated keys of a JSON text, at the keys.
fn repetitions(name: &str, text: &[u8]) -> Vec<Problem> {
    let found = repetition::find(text).unwrap_or_default();
    let problem = |one: repetition::Repetition| {
        let before = String::from_utf8_lossy(&text[..one.offset]);
        let (line, column) = end_of(&before);
        let problem = format!("duplicate key `{}` (line {line}, column {column})", one.key);
        Problem { file: name.to_owned(), pointer: one.pointer, problem }
    };
    found.into_iter().map(problem).collect()
}

/// Line and column after a text.
fn end_of(text: &str) -> (usize, usize) {
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Finds a position in JSON by parsing the values on the way again, because only problems need positions.
fn position_in_json(text: &str, pointer: &str) -> (usize, usize) {
    let mut value = text;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        let inner = match value.trim_start().as_bytes().first() {
            Some(b'{') => {
                serde_json::from_str::<BTreeMap<String, &RawValue>>(value).ok().and_then(|map| map.get(&name).copied())
            }
            Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(value)
                .ok()
                .and_then(|list| list.get(name.parse::<usize>().ok()?).copied()),
            _ => None,
        };
        let Some(inner) = inner else { break };
        value = inner.get();
    }
    let value = value.trim_start();
    // Both are slices of the same text.
    end_of(&text[..value.as_ptr().addr() - text.as_ptr().addr()])
}
