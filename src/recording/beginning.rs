//! The world at the beginning of a recording: the documents that it contains but did not create, in their first
//! recorded state.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Map, Value};

use super::{
    Recorded,
    world::{Documents, Found, Seen, kind, segments, tables},
};
use crate::{state::fixture::FixtureError, value::Timestamp};

/// Maximum difference between the clocks of the proxy and the recorded server, in milliseconds.
const SKEW: i64 = 60_000;

/// Distinguishes documents that existed before a recording from those that it created.
struct Beginning {
    found: Found,
    start: Option<Timestamp>,
    /// IDs of documents that existed before, and of created ones.
    known: BTreeSet<String>,
    created: BTreeSet<String>,
    /// Email addresses that signed up.
    signed_up: BTreeSet<String>,
}

/// The world at the beginning of the recording in a directory, in the fixture format.
pub(crate) fn beginning(recording: &[Recorded], directory: &Path) -> Result<Value, FixtureError> {
    let mut beginning = Beginning {
        found: Found::default(),
        start: recording.first().and_then(Recorded::time),
        known: BTreeSet::new(),
        created: BTreeSet::new(),
        signed_up: BTreeSet::new(),
    };
    for recorded in recording {
        beginning.add(recorded);
    }
    let (tables, _) = tables(beginning.complete(), &directory.display().to_string())?;
    Ok(serde_json::from_slice(&tables.export()).unwrap_or_default())
}

impl Beginning {
    fn add(&mut self, Recorded { exchange, .. }: &Recorded) {
        let segments = segments(&exchange.request.path);
        if !(200..300).contains(&exchange.status) {
            return;
        }
        if let (["auth", "signup"], Some(sent)) = (&segments[..], &exchange.request.body) {
            self.signed_up.extend(sent["email"].as_str().map(str::to_owned));
        }
        if let Some(body) = &exchange.body {
            self.sort(body, &exchange.request.method);
            self.found.look(body, Seen::Earliest);
        }
        self.found.callers(exchange, &segments);
    }

    /// Sorts the new documents in a response into existing and created ones.
    fn sort(&mut self, value: &Value, method: &str) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.sort(item, method)),
            Value::Object(fields) => {
                fields.values().for_each(|value| self.sort(value, method));
                let Some((collection, key)) = kind(fields) else { return };
                let Some(id) = fields[key].as_str() else { return };
                if !self.known.contains(id) && !self.created.contains(id) {
                    let is_new = self.is_new(collection, fields, method);
                    let sorted = if is_new { &mut self.created } else { &mut self.known };
                    sorted.insert(id.to_owned());
                }
            }
            _ => {}
        }
    }

    /// Whether a document that is seen for the first time was created during the recording.
    fn is_new(&self, collection: &str, fields: &Map<String, Value>, method: &str) -> bool {
        let created = fields.get("createdAt").and_then(Value::as_str).and_then(Timestamp::parse);
        let writes = method != "GET";
        let skew = if writes { SKEW } else { 0 };
        match (created, self.start) {
            (Some(created), Some(start)) => created.milliseconds() + skew >= start.milliseconds(),
            // Signing in also returns the user; users who sign up are known by their email addresses.
            _ => writes && collection != "users",
        }
    }

    /// The documents that existed before, with the accounts, members, and projects that the calls imply.
    fn complete(self) -> Documents {
        let Self { mut found, created, signed_up, .. } = self;
        for documents in found.documents.values_mut() {
            documents.retain(|document| {
                let id = document.get("_id").or(document.get("id")).and_then(Value::as_str).unwrap_or_default();
                let email = document.get("email").and_then(Value::as_str).unwrap_or_default();
                !created.contains(id) && (document.contains_key("id_project") || !signed_up.contains(email))
            });
        }
        found.passwords.retain(|email, _| !signed_up.contains(email));
        found.members.retain(|(email, project)| !signed_up.contains(email) && !created.contains(project));
        found.complete()
    }
}
