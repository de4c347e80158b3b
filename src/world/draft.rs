//! Documents as written, gathered from the files of a world.

use serde_json::{Map, Value};

use super::{collection::Collection, source::Source};
use crate::{state::problem::Problem, value::suggest};

/// A document as written.
pub(super) struct Draft {
    pub(super) collection: &'static Collection,
    pub(super) origin: Origin,
    pub(super) handle: Option<String>,
    pub(super) fields: Map<String, Value>,
    /// The enclosing document, and the field that refers to it.
    pub(super) parent: Option<(usize, &'static str)>,
    /// The draft of its project, once known.
    pub(super) project: Option<usize>,
    /// The identifier, once known.
    pub(super) id: String,
    /// Names of fields that were written differently.
    pub(super) written: Vec<(&'static str, String)>,
    /// Whether a problem was found in it.
    pub(super) is_broken: bool,
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) source: usize,
    pub(super) pointer: String,
}

/// A conversation as written.
pub(super) struct Script {
    pub(super) origin: Origin,
    pub(super) handle: Option<String>,
    pub(super) fields: Map<String, Value>,
    /// The draft of the enclosing project.
    pub(super) project: Option<usize>,
}

/// The content of the files of a world.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) drafts: Vec<Draft>,
    pub(super) scripts: Vec<Script>,
    pub(super) problems: Vec<Problem>,
}

/// The key of conversations that are written as dialogues.
pub(super) const CONVERSATIONS: &str = "conversations";

/// Fields of a world besides its collections.
const EXTRAS: [&str; 2] = ["$schema", "extends"];

impl Draft {
    pub(super) fn new(collection: &'static Collection, origin: Origin, fields: Map<String, Value>) -> Self {
        Self {
            collection,
            origin,
            handle: None,
            fields,
            parent: None,
            project: None,
            id: String::new(),
            written: Vec::new(),
            is_broken: false,
        }
    }

    /// The pointer to a field as written, from its pointer in the document.
    pub(super) fn pointer(&self, field: &str) -> String {
        let (first, rest) =
            field.trim_start_matches('/').split_once('/').map_or((field.trim_start_matches('/'), ""), |both| both);
        let written = self.written.iter().find(|(name, _)| *name == first).map_or(first, |(_, written)| written);
        let parts = [&*self.origin.pointer, "/", written, "/", rest];
        parts.concat().trim_end_matches('/').to_owned()
    }
}

impl Origin {
    pub(super) fn inner(&self, name: &str) -> Self {
        let name = name.replace('~', "~0").replace('/', "~1");
        Self { source: self.source, pointer: format!("{}/{name}", self.pointer) }
    }
}

impl Gathered {
    /// Adds the content of a file.
    pub(super) fn add(&mut self, source: usize, file: &Source) {
        let origin = Origin { source, pointer: String::new() };
        let Value::Object(world) = &file.value else {
            let problem = format!("expected an object of collections, found {}", found(&file.value));
            return self.problems.push(file.problem("", &problem));
        };
        for (name, value) in world {
            let origin = origin.inner(name);
            match Collection::named(name) {
                Some(collection) => self.collection(file, collection, &origin, value, None),
                None if name == CONVERSATIONS => self.scripts(file, &origin, value, None),
                None if EXTRAS.contains(&&**name) => {}
                None => {
                    let known: Vec<_> =
                        Collection::all().map(|one| one.name).chain([CONVERSATIONS]).chain(EXTRAS).collect();
                    let hint = suggest::closest(name, known.iter().copied());
                    let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                    let problem =
                        format!("expected one of `{}`, found unknown field `{name}`{hint}", known.join("`, `"));
                    self.problems.push(file.problem(&origin.pointer, &problem));
                }
            }
        }
    }

    fn collection(
        &mut self,
        file: &Source,
        collection: &'static Collection,
        origin: &Origin,
        value: &Value,
        parent: Option<(usize, &'static str)>,
    ) {
        for (origin, handle, value) in self.elements(file, collection.name, origin, value) {
            let Value::Object(fields) = value else {
                let problem = format!("expected an object, found {}", found(value));
                self.problems.push(file.problem(&origin.pointer, &problem));
                continue;
            };
            let mut fields = fields.clone();
            let handle = handle.or_else(|| self.handle(file, &origin, &mut fields));
            let at = self.drafts.len();
            let inside = nested(collection, &mut fields);
            let scripts = if collection.name == "projects" { fields.shift_remove(CONVERSATIONS) } else { None };
            self.drafts.push(Draft { handle, parent, ..Draft::new(collection, origin.clone(), fields) });
            for (inner, field, value) in inside {
                self.collection(file, inner, &origin.inner(inner.name), &value, Some((at, field)));
            }
            if let Some(scripts) = scripts {
                self.scripts(file, &origin.inner(CONVERSATIONS), &scripts, Some(at));
            }
        }
    }

    fn scripts(&mut self, file: &Source, origin: &Origin, value: &Value, project: Option<usize>) {
        for (origin, handle, value) in self.elements(file, CONVERSATIONS, origin, value) {
            let Value::Object(fields) = value else {
                let problem = format!("expected a conversation as an object, found {}", found(value));
                self.problems.push(file.problem(&origin.pointer, &problem));
                continue;
            };
            let mut fields = fields.clone();
            let handle = handle.or_else(|| self.handle(file, &origin, &mut fields));
            self.scripts.push(Script { origin, handle, fields, project });
        }
    }

    /// The elements of a collection: those of an array, or of an object whose keys are handles.
    fn elements<'a>(
        &mut self,
        file: &Source,
        name: &str,
        origin: &Origin,
        value: &'a Value,
    ) -> Vec<(Origin, Option<String>, &'a Value)> {
        match value {
            Value::Array(all) => {
                all.iter().enumerate().map(|(at, value)| (origin.inner(&at.to_string()), None, value)).collect()
            }
            Value::Object(all) => {
                let one = |(handle, value): (&String, &'a Value)| (origin.inner(handle), Some(plain(handle)), value);
                all.iter().map(one).collect()
            }
            Value::Null => Vec::new(),
            other => {
                let problem =
                    format!("expected an array of {name}, or an object with their handles, found {}", found(other));
                self.problems.push(file.problem(&origin.pointer, &problem));
                Vec::new()
            }
        }
    }

    fn handle(&mut self, file: &Source, origin: &Origin, fields: &mut Map<String, Value>) -> Option<String> {
        match fields.shift_remove("handle")? {
            Value::String(handle) if !plain(&handle).is_empty() => Some(plain(&handle)),
            other => {
                let pointer = origin.inner("handle").pointer;
                self.problems
                    .push(file.problem(&pointer, &format!("expected a handle such as maria, found {}", found(&other))));
                None
            }
        }
    }
}

/// Removes nested collections from the fields of a document.
fn nested(collection: &Collection, fields: &mut Map<String, Value>) -> Vec<(&'static Collection, &'static str, Value)> {
    let inner = collection.nested.iter().filter_map(|(name, field)| {
        let collection = Collection::named(name)?;
        Some((collection, *field, fields.shift_remove(*name)?))
    });
    inner.collect()
}

/// A handle without the `@` that marks it.
pub(super) fn plain(handle: &str) -> String {
    handle.trim().trim_start_matches('@').to_owned()
}

/// A value for error messages, as serde describes it.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("boolean `{value}`"),
        Value::Number(number) => format!("number `{number}`"),
        Value::String(text) => format!("string {:?}", shortened(text)),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    text.char_indices().nth(SHOWN).map_or(text.to_owned(), |(end, _)| format!("{}…", &text[..end]))
}
