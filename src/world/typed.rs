//! Loads complete documents into tables, and reports every error of every document.

use serde_json::{Map, Value};

use super::expand::Expansion;
use crate::state::{Tables, fixture};

/// Adds a document to the tables. Each invalid part is reported and removed, until the rest can be read.
pub(super) fn add(all: &mut Expansion, tables: &mut Tables, at: usize, fields: Map<String, Value>) {
    /// Maximum number of attempts: more than the plausible number of mistakes in a document.
    const ATTEMPTS: usize = 50;
    let collection = all.drafts[at].collection;
    let mut document = Value::Object(fields);
    let mut removed = Vec::new();
    for _ in 0..ATTEMPTS {
        let Err(error) = fixture::add(tables, collection.name, &document) else { return };
        if error.problem.starts_with("missing field") {
            // Required fields of the document itself were checked before, and others may have been removed here.
            if !error.pointer.is_empty() && !removed.iter().any(|(around, _)| *around == error.pointer) {
                all.problem(at, &error.pointer, &error.problem);
            }
            return;
        }
        all.problem(at, &original(&error.pointer, &removed), &error.problem);
        let pointer = match unknown_field(&error.problem) {
            Some(field) if !error.pointer.ends_with(&format!("/{field}")) => format!("{}/{field}", error.pointer),
            _ => error.pointer,
        };
        let Some((around, name)) = pointer.rsplit_once('/') else { return };
        let Some(name) = remove(&mut document, around, name) else { return };
        removed.push((around.to_owned(), name));
    }
}

/// Removes a value from the enclosing object or array.
fn remove(document: &mut Value, around: &str, name: &str) -> Option<String> {
    match document.pointer_mut(around)? {
        Value::Object(fields) => {
            let field = name.replace("~1", "/").replace("~0", "~");
            fields.shift_remove(&field).map(|_| name.to_owned())
        }
        Value::Array(all) => {
            let at = name.parse().ok().filter(|at| *at < all.len())?;
            all.remove(at);
            Some(name.to_owned())
        }
        _ => None,
    }
}

/// The pointer before elements of arrays were removed.
fn original(pointer: &str, removed: &[(String, String)]) -> String {
    let mut original = pointer.to_owned();
    for (around, name) in removed.iter().rev() {
        let Ok(gone) = name.parse::<usize>() else { continue };
        let Some(rest) = original.strip_prefix(&format!("{around}/")) else { continue };
        let (index, rest) =
            rest.split_once('/').map_or((rest, String::new()), |(index, rest)| (index, format!("/{rest}")));
        if let Some(index) = index.parse::<usize>().ok().filter(|index| *index >= gone) {
            original = format!("{around}/{}{rest}", index + 1);
        }
    }
    original
}

fn unknown_field(problem: &str) -> Option<&str> {
    problem.split_once("unknown field `")?.1.split('`').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_count_removed_elements() {
        let removed =
            [("/a".to_owned(), "1".to_owned()), ("/a".to_owned(), "1".to_owned()), ("/b".to_owned(), "x".to_owned())];
        for (pointer, expected) in
            [("/a/0", "/a/0"), ("/a/1/c", "/a/3/c"), ("/a/2", "/a/4"), ("/b/0", "/b/0"), ("/c", "/c")]
        {
            assert_eq!(original(pointer, &removed), expected, "{pointer}");
        }
    }
}
