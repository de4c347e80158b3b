//! Which operations were called, by which clients, with which outcome, with which parameters and fields.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use http::StatusCode;
use parking_lot::Mutex;
use serde_json::Value;

use super::journal::Call;

/// Clients that are told apart.
const CLIENTS: usize = 256;

/// The name of those beyond, and of clients that do not say what they are.
const ANY: &str = "-";

/// How deep fields of bodies are told apart.
const DEPTH: usize = 3;

/// What was exercised, by client.
#[derive(Default)]
pub(crate) struct Coverage(Mutex<HashMap<Arc<str>, Exercised>>);

/// What a client exercised, by operation.
pub(crate) type Exercised = HashMap<&'static str, Exercise>;

/// How an operation was called.
#[derive(Clone, Default)]
pub(crate) struct Exercise {
    /// How often with which status.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// The query parameters of calls that succeeded.
    pub(crate) query: BTreeSet<Box<str>>,
    /// The fields of the bodies of calls that succeeded, with dots.
    pub(crate) body: BTreeSet<Box<str>>,
}

impl Coverage {
    /// Counts a call that was answered. Those that the router refused are of no operation.
    pub(crate) fn count(&self, call: &Call, status: StatusCode) {
        let Some(operation) = call.operation.get() else { return };
        let client = call.request.headers.get("user-agent").unwrap_or(ANY);
        // A refusal, or what went wrong on purpose, says nothing of what the call would have exercised.
        let succeeded = status.as_u16() < 400 && call.fault.get().is_none();
        let body: Option<Value> = match &call.request.body {
            body if succeeded && !body.is_empty() => serde_json::from_slice(body).ok(),
            _ => None,
        };
        let mut clients = self.0.lock();
        let full = clients.len() >= CLIENTS;
        let exercised = match clients.get_mut(client) {
            Some(exercised) => exercised,
            None => clients.entry(Arc::from(if full { ANY } else { client })).or_default(),
        };
        let exercise = exercised.entry(operation).or_default();
        *exercise.statuses.entry(status.as_u16()).or_default() += 1;
        for (name, _) in form_urlencoded::parse(call.request.query().as_bytes()).filter(|_| succeeded) {
            remember(&mut exercise.query, &name);
        }
        if let Some(body) = body {
            fields("", &body, DEPTH, &mut exercise.body);
        }
    }

    /// All that was counted, by client.
    pub(crate) fn all(&self) -> BTreeMap<Arc<str>, Exercised> {
        self.0.lock().iter().map(|(client, exercised)| (client.clone(), exercised.clone())).collect()
    }

    /// Starts anew.
    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }
}

/// What callers make up has an end.
fn remember(names: &mut BTreeSet<Box<str>>, name: &str) {
    if names.len() < 1_000 && !names.contains(name) {
        names.insert(name.into());
    }
}

fn fields(at: &str, value: &Value, depth: usize, names: &mut BTreeSet<Box<str>>) {
    match value {
        Value::Object(object) if depth > 0 => {
            for (name, value) in object {
                let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                remember(names, &path);
                fields(&path, value, depth - 1, names);
            }
        }
        Value::Array(items) => items.iter().take(100).for_each(|item| fields(at, item, depth, names)),
        _ => {}
    }
}
