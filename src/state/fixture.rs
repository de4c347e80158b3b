//! The full form of worlds: JSON with every field of every document, read as a stream, with precise errors.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use serde::de::{Deserialize, DeserializeSeed};
use serde_json::Value;
use serde_path_to_error::Track;

pub use super::problem::FixtureError;
use super::problem::Problem;
use super::tables::{Collection, Fixture, Tables, Visit};
use crate::{
    resource::project::document::Project,
    store::Table,
    value::{Id, json, suggest},
};

/// The default world: the documented examples, and a small team.
pub(crate) const DEFAULT: &str = include_str!("../../fixtures/seed.json");

/// Read buffer size in bytes.
const BUFFER: usize = 1 << 16;

/// Loads the files of a world in the full form, as one world.
pub(crate) fn load(files: &[PathBuf]) -> Result<Tables, FixtureError> {
    let mut tables = Tables::default();
    for file in files {
        let opened = fs::File::open(file).map_err(|error| unreadable(file, &error))?;
        if let Err(error) = read(&mut tables, &file.display().to_string(), Box::new(opened)) {
            tables = error.retry(|| files.iter().map(|file| (file.display().to_string(), fs::read(file))))?;
            break;
        }
    }
    check(&tables).map_err(|stray| {
        let texts = files.iter().map(|file| (file.display().to_string(), fs::read(file).unwrap_or_default()));
        stray.locate(texts)
    })?;
    Ok(tables)
}

/// The problem with a file that cannot be read.
pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Problem {
    Problem {
        file: file.display().to_string(),
        pointer: String::new(),
        problem: match error.kind() {
            io::ErrorKind::NotFound => "no such file or directory".to_owned(),
            _ => format!("cannot be read: {error}"),
        },
    }
}

/// Adds one document to a collection. The error's pointer starts at the document, and it has no position.
pub(crate) fn add(tables: &mut Tables, collection: &str, document: &Value) -> Result<(), Problem> {
    let world = format!("{{{}:[{document}]}}", Value::from(collection));
    read(tables, "", Box::new(world.as_bytes())).map_err(|error| {
        let start = format!("/{collection}/0");
        let pointer = error.pointer.strip_prefix(&start).unwrap_or_default().to_owned();
        Problem { pointer, ..error.without_position() }
    })
}

/// The syntax error of a text that is not JSON.
pub(crate) fn syntax(name: &str, text: &[u8]) -> Option<Problem> {
    let mut track = Track::new();
    let mut json = serde_json::Deserializer::from_reader(text);
    let read = Value::deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    read.and_then(|_| json.end()).err().map(|error| located(name, track, &error))
}

/// Parses a text in the fixture format.
pub(crate) fn parse(name: &str, text: &str) -> Result<Tables, FixtureError> {
    let whole = || (name.to_owned(), text.as_bytes().to_owned());
    let mut tables = Tables::default();
    if let Err(error) = read(&mut tables, name, Box::new(text.as_bytes())) {
        tables = error.retry(|| [whole()].into_iter().map(|(name, text)| (name, Ok(text))))?;
    }
    check(&tables).map_err(|stray| stray.locate([whole()]))?;
    Ok(tables)
}

impl Problem {
    /// Parses the whole world again as JavaScript would, if that can help: the typed parser rejects lone surrogates and
    /// duplicate fields, which JavaScript accepts.
    fn retry<T: Iterator<Item = (String, io::Result<Vec<u8>>)>>(self, files: impl Fn() -> T) -> Result<Tables, Self> {
        let mendable = ["hex escape", "duplicate field"];
        if !mendable.iter().any(|problem| self.problem.contains(problem)) {
            return Err(self);
        }
        let mut tables = Tables::default();
        for (file, text) in files() {
            let Ok(world) = json::read(&text.unwrap_or_default()) else { return Err(self) };
            // The position refers to the normalized text, which the user has never seen.
            read(&mut tables, &file, Box::new(world.to_string().as_bytes())).map_err(Self::without_position)?;
        }
        Ok(tables)
    }

    fn without_position(self) -> Self {
        let problem = self.problem.rsplit_once(" (line ").map_or(&*self.problem, |(problem, _)| problem);
        Self { problem: problem.to_owned(), ..self }
    }
}

/// The JSON Schema of the full form.
pub(crate) fn schema() -> Value {
    schemars::schema_for!(Fixture).into()
}

/// Parses a world as a stream, so that a world of a million documents is not in memory twice. The reader is a trait
/// object so that the parser of each document type is compiled only once.
fn read(tables: &mut Tables, name: &str, json: Box<dyn Read + '_>) -> Result<(), Problem> {
    let mut track = Track::new();
    let mut json = BufReader::with_capacity(BUFFER, json);
    if json.fill_buf().is_ok_and(|begin| begin.starts_with(json::BYTE_ORDER_MARK)) {
        json.consume(json::BYTE_ORDER_MARK.len());
    }
    let mut json = serde_json::Deserializer::from_reader(json);
    let outcome = (&mut *tables)
        .deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track))
        .and_then(|()| json.end());
    outcome.map_err(|error| located(name, track, &error))
}

fn located(name: &str, track: Track, error: &serde_json::Error) -> Problem {
    let mut pointer = json::pointer(&track.path());
    // A syntax error belongs to no value.
    while pointer.ends_with("/?") {
        pointer.truncate(pointer.len() - 2);
    }
    if pointer.is_empty() {
        pointer.push('/');
    }
    Problem { file: name.into(), pointer, problem: problem(error) }
}

/// Rephrases a serde message as "expected …, found …".
pub(super) fn problem(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let told = match message.split_once(", expected ") {
        Some((found, expected)) => {
            let told = found.strip_prefix("invalid type: ").or_else(|| found.strip_prefix("invalid value: "));
            format!("expected {}, found {}", in_json(expected), in_json(told.unwrap_or(found)))
        }
        None => match message.strip_prefix("missing field ") {
            Some(field) => format!("missing field {field}"),
            None if message.starts_with("EOF while parsing") => "unexpected end of the file".to_owned(),
            None if message == "number out of range" => "expected a number in the range of a double".to_owned(),
            None => message.to_owned(),
        },
    };
    format!("{told}{} (line {}, column {})", suggestion(&told), error.line(), error.column())
}

/// Translates serde's description of a value to JSON terms.
fn in_json(value: &str) -> String {
    let article = match value {
        "a sequence" | "sequence" => "an array",
        "a map" | "map" => "an object",
        "unit value" => "null",
        "bool" => "a boolean",
        "u8" => "an integer from 0 to 255",
        "u16" => "an integer from 0 to 65535",
        "u32" => "an integer from 0 to 4294967295",
        "u64" | "usize" => "an integer from 0",
        "i32" | "i64" => "an integer",
        "f64" => "a number",
        other => {
            let number = other.strip_prefix("integer ").or_else(|| other.strip_prefix("floating point "));
            return number.map_or_else(|| other.to_owned(), |number| format!("number {number}"));
        }
    };
    article.to_owned()
}

/// A suggestion for an unknown name, from a message that has all names in backticks with the unknown one last.
fn suggestion(told: &str) -> String {
    let mut names: Vec<_> = told.split('`').skip(1).step_by(2).collect();
    let is_unknown = told.contains("found unknown field") || told.contains("found unknown variant");
    let unknown = names.pop().filter(|_| is_unknown);
    let known = unknown.and_then(|unknown| suggest::closest(unknown, names));
    known.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// A document whose project does not exist.
struct Stray {
    collection: &'static str,
    id: String,
    project: Id<Project>,
}

impl Stray {
    /// Finds the document in the original texts, to report its pointer.
    fn locate(self, texts: impl IntoIterator<Item = (String, Vec<u8>)>) -> Problem {
        let Self { collection, id, project } = self;
        let problem = format!("expected the _id of an existing project, found \"{project}\"");
        for (file, text) in texts {
            let world = json::read(&text).unwrap_or_default();
            let mut documents = world[collection].as_array().into_iter().flatten();
            if let Some(index) = documents.position(|document| document["_id"] == *id) {
                return Problem { file, pointer: format!("/{collection}/{index}/id_project"), problem };
            }
        }
        Problem { file: String::new(), pointer: format!("/{collection}"), problem }
    }
}

/// Checks that the projects of all documents exist.
fn check(tables: &Tables) -> Result<(), Stray> {
    struct Check<'a> {
        tables: &'a Tables,
        found: Result<(), Stray>,
    }

    impl Visit for Check<'_> {
        fn visit<T: Collection>(&mut self, table: &Table<T>) {
            let stray = table.iter().find_map(|doc| {
                let project = T::owner(doc).filter(|project| self.tables.projects.get(*project).is_none())?;
                Some(Stray { collection: T::NAME, id: doc.value().id().to_string(), project })
            });
            if let (Ok(()), Some(stray)) = (&self.found, stray) {
                self.found = Err(stray);
            }
        }
    }

    let mut check = Check { tables, found: Ok(()) };
    tables.each(&mut check);
    check.found
}
