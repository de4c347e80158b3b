//! The world at the beginning of a recording: the documents that it contains but did not create, in their first
//! recorded state.
//!
//! A document was created if a response to a creating call is the first to show it. The clock of the recorded server may
//! be wrong or frozen, so times are only compared with each other.

use std::{collections::BTreeSet, path::Path, sync::LazyLock};

use regex::Regex;
use serde_json::{Map, Value};

use super::{
    Recorded,
    world::{Documents, Found, Seen, kind, segments, tables},
};
use crate::{example::Call, state::fixture::FixtureError, value::Timestamp};

/// Maximum difference between the times of documents that the same call creates, in milliseconds.
const TOGETHER: i64 = 1_000;

static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9a-f]{24}").expect("a valid pattern"));

/// Distinguishes documents that existed before a recording from those that it created.
#[derive(Default)]
struct Beginning {
    found: Found,
    /// The recorded server's time of the first creation.
    first: Option<Timestamp>,
    /// IDs of documents that existed before, and of created ones.
    known: BTreeSet<String>,
    created: BTreeSet<String>,
    /// Email addresses that signed up.
    signed_up: BTreeSet<String>,
}

/// A recorded call.
struct Calling<'a> {
    call: &'a Call,
    segments: Vec<&'a str>,
}

impl Calling<'_> {
    /// Whether a call creates the documents in its response, rather than reading or changing them.
    fn creates(&self) -> bool {
        self.call.method == "POST" && !matches!(self.segments[..], ["auth", "signin", ..])
    }

    /// Whether the call changes nothing.
    fn reads(&self) -> bool {
        self.call.method == "GET" || matches!(self.segments[..], ["auth", "signin", ..])
    }

    /// Whether the path leads through a document, such as a conversation whose participants the call changes.
    fn passes(&self, fields: &Map<String, Value>) -> bool {
        let names = ["_id", "id", "request_id"].map(|name| fields.get(name).and_then(Value::as_str));
        let passed = self.segments.split_last().map_or(&[][..], |(_, before)| before);
        names.into_iter().flatten().any(|name| passed.contains(&name))
    }
}

/// The place of a document in a response.
#[derive(Clone, Copy)]
enum Place {
    Outermost,
    /// Within a document of this time that the call has created.
    InsideCreated(Option<Timestamp>),
    InsideKnown,
}

/// The world at the beginning of the recording in a directory, in the fixture format.
pub(crate) fn beginning(recording: &[Recorded], directory: &Path) -> Result<Value, FixtureError> {
    let mut beginning = Beginning::default();
    for recorded in recording {
        beginning.add(recorded);
    }
    let (tables, _) = tables(beginning.complete(), &directory.display().to_string())?;
    Ok(serde_json::from_slice(&tables.export()).unwrap_or_default())
}

impl Beginning {
    fn add(&mut self, Recorded { exchange, .. }: &Recorded) {
        let call = &exchange.request;
        let segments = segments(&call.path);
        if !(200..300).contains(&exchange.status) {
            return;
        }
        if let (["auth", "signup"], Some(sent)) = (&segments[..], &call.body) {
            self.signed_up.extend(sent["email"].as_str().map(str::to_owned));
        }
        // A caller knows the IDs of documents that no response has shown from before.
        let body = call.body.as_ref().map(Value::to_string).unwrap_or_default();
        for id in [&call.path, &body].into_iter().flat_map(|text| ID.find_iter(text)) {
            if !self.created.contains(id.as_str()) {
                self.known.insert(id.as_str().to_owned());
            }
        }
        if let Some(body) = &exchange.body {
            self.sort(body, &Calling { call, segments: segments.clone() }, Place::Outermost);
            self.found.look(body, Seen::Earliest);
        }
        self.found.callers(exchange, &segments);
    }

    /// Sorts the new documents in a response into existing and created ones, outer ones first.
    fn sort(&mut self, value: &Value, calling: &Calling<'_>, place: Place) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.sort(item, calling, place)),
            Value::Object(fields) => {
                let mut inner = place;
                // A creating call may respond with a document that lacks the fields by which its kind is recognized.
                let is_created = matches!(place, Place::Outermost) && calling.creates();
                let key = kind(fields).map(|(_, key)| key).or(is_created.then_some("_id"));
                if let Some(id) = key.and_then(|key| fields.get(key)?.as_str()) {
                    if !self.known.contains(id) && !self.created.contains(id) {
                        let is_new = self.is_new(fields, calling, place);
                        let sorted = if is_new { &mut self.created } else { &mut self.known };
                        sorted.insert(id.to_owned());
                        if is_new {
                            // Messages refer to conversations by their other identifier.
                            self.created.extend(fields.get("request_id").and_then(Value::as_str).map(str::to_owned));
                            let time = time(fields).filter(|_| !calling.reads());
                            self.first = [self.first, time].into_iter().flatten().min();
                        }
                    }
                    inner =
                        if self.created.contains(id) { Place::InsideCreated(time(fields)) } else { Place::InsideKnown };
                }
                fields.values().for_each(|value| self.sort(value, calling, inner));
            }
            _ => {}
        }
    }

    /// Whether a document that is seen for the first time was created during the recording.
    fn is_new(&self, fields: &Map<String, Value>, calling: &Calling<'_>, place: Place) -> bool {
        let own = time(fields);
        let since = |start: Option<Timestamp>, slack: i64| match (own, start) {
            (Some(own), Some(start)) => Some(own.milliseconds() + slack >= start.milliseconds()),
            _ => None,
        };
        let is_in_new_project =
            fields.get("id_project").and_then(Value::as_str).is_some_and(|project| self.created.contains(project));
        if is_in_new_project {
            return true;
        }
        match place {
            Place::Outermost if calling.creates() && !calling.passes(fields) => {
                // An earlier creation has a later time if the call only found the document.
                since(self.first, TOGETHER).unwrap_or(true)
            }
            Place::InsideCreated(outer) if !calling.reads() => {
                let is_user = fields.contains_key("email") && !fields.contains_key("id_project");
                since(outer, TOGETHER).unwrap_or(!is_user)
            }
            // Creations have effects that only later calls show, such as the messages of a conversation.
            _ if self.refers_to_created(fields) => since(self.first, TOGETHER).unwrap_or(true),
            // At a frozen clock, existing documents may have the same time.
            _ => since(self.first, -1).unwrap_or(false),
        }
    }

    /// Whether a document contains the name of a created one.
    fn refers_to_created(&self, fields: &Map<String, Value>) -> bool {
        fn any(value: &Value, is: &dyn Fn(&str) -> bool) -> bool {
            match value {
                Value::String(text) => is(text),
                Value::Array(items) => items.iter().any(|item| any(item, is)),
                Value::Object(fields) => fields.values().any(|value| any(value, is)),
                _ => false,
            }
        }
        fields.values().any(|value| any(value, &|text| self.created.contains(text)))
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

/// When a document was created, according to the recorded server.
fn time(fields: &Map<String, Value>) -> Option<Timestamp> {
    fields.get("createdAt").and_then(Value::as_str).and_then(Timestamp::parse)
}
