//! Coverage: the called operations, with their clients, statuses, parameters, and fields.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use http::StatusCode;
use parking_lot::Mutex;
use serde_json::Value;

use super::entry::Entry;
use crate::{runtime::per_thread::PerThread, value::query::Part};

/// Maximum number of clients counted separately.
const CLIENTS: usize = 256;

/// Stands for all further clients, and for those without a `User-Agent`.
const ANY: &str = "-";

/// Maximum depth of body fields.
const DEPTH: usize = 3;

/// Maximum number of items inspected per list.
const ITEMS: usize = 100;

/// Maximum bytes of a query or field list kept for comparison with the next call.
const SAID: usize = 1 << 10;

/// The operations exercised so far.
#[derive(Default)]
pub(crate) struct Coverage {
    /// By client.
    counted: PerThread<BTreeMap<Arc<str>, Exercised>>,
    /// The clients counted separately.
    clients: Mutex<BTreeSet<Arc<str>>>,
}

/// The operations that a client exercised.
pub(crate) type Exercised = BTreeMap<&'static str, Exercise>;

/// How an operation was exercised.
#[derive(Clone, Default)]
pub(crate) struct Exercise {
    /// Number of calls by response status.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// The query parameters of successful calls.
    pub(crate) query: BTreeSet<Box<str>>,
    /// The dotted paths of the body fields of successful calls.
    pub(crate) body: BTreeSet<Box<str>>,
    /// The query and fields counted last, because most calls of an operation repeat those of the previous one.
    last: (Box<str>, Fields),
}

/// Paths of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(String);

impl Coverage {
    /// Counts a completed call. Calls that the router rejected belong to no operation and are not counted.
    pub(crate) fn count(&self, call: &Entry, status: StatusCode) {
        let Some(operation) = call.operation.get() else { return };
        let client = call.request.head.get("user-agent").unwrap_or(ANY);
        // A rejected call, or one with an injected fault, has not exercised its parameters.
        let succeeded = status.as_u16() < 400 && call.fault.get().is_none();
        let noted = call.take_fields();
        let said = succeeded && !call.body().is_empty();
        let fields = if said { noted.unwrap_or_else(|| call.read_fields()) } else { Fields::default() };
        let mut counted = self.counted.mine();
        let exercised = match counted.get_mut(client) {
            Some(exercised) => exercised,
            None => counted.entry(self.told_apart(client)).or_default(),
        };
        let exercise = exercised.entry(operation).or_default();
        *exercise.statuses.entry(status.as_u16()).or_default() += 1;
        if succeeded {
            exercise.note(call.request.query(), fields);
        }
    }

    /// The name under which a client is counted.
    fn told_apart(&self, client: &str) -> Arc<str> {
        let mut clients = self.clients.lock();
        let name = if clients.len() < CLIENTS || clients.contains(client) { client } else { ANY };
        clients.get(name).cloned().unwrap_or_else(|| {
            let name = Arc::from(name);
            clients.insert(Arc::clone(&name));
            name
        })
    }

    /// All counts by client.
    pub(crate) fn all(&self) -> BTreeMap<Arc<str>, Exercised> {
        let mut all = BTreeMap::<_, Exercised>::new();
        for counted in &self.counted.all() {
            for (client, exercised) in &**counted {
                let known = all.entry(client.clone()).or_default();
                for (operation, exercise) in exercised {
                    known.entry(operation).or_default().add(exercise);
                }
            }
        }
        all
    }

    /// Resets all counts.
    pub(crate) fn clear(&self) {
        let mut counted = self.counted.all();
        for counted in &mut counted {
            counted.clear();
        }
        self.clients.lock().clear();
    }
}

impl Exercise {
    fn note(&mut self, query: &str, fields: Fields) {
        if *self.last.0 != *query {
            for (name, _) in form_urlencoded::parse(query.as_bytes()) {
                remember(&mut self.query, Part::of(&name).name);
            }
            if query.len() <= SAID {
                self.last.0 = query.into();
            }
        }
        if self.last.1 != fields {
            fields.paths().for_each(|path| remember(&mut self.body, path));
            if fields.0.len() <= SAID {
                self.last.1 = fields;
            }
        }
    }

    fn add(&mut self, other: &Self) {
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        other.query.iter().for_each(|name| remember(&mut self.query, name));
        other.body.iter().for_each(|path| remember(&mut self.body, path));
    }
}

/// Adds a name. Bounds the number of names, because callers choose them.
fn remember(names: &mut BTreeSet<Box<str>>, name: &str) {
    if names.len() < 1_000 && !names.contains(name) {
        names.insert(name.into());
    }
}

impl Fields {
    /// The fields of a body.
    pub(crate) fn of(body: &Value) -> Self {
        fn look(value: &Value, at: &mut String, depth: usize, found: &mut String) {
            match value {
                Value::Object(object) if depth > 0 => {
                    let length = at.len();
                    for (name, value) in object {
                        if length > 0 {
                            at.push('.');
                        }
                        at.push_str(name);
                        found.push_str(at);
                        found.push(Fields::END);
                        look(value, at, depth - 1, found);
                        at.truncate(length);
                    }
                }
                Value::Array(items) => items.iter().take(ITEMS).for_each(|item| look(item, at, depth, found)),
                _ => {}
            }
        }

        let mut found = String::new();
        look(body, &mut String::new(), DEPTH, &mut found);
        Self(found)
    }

    /// Terminates a path. No documented field has it in its name.
    const END: char = '\0';

    fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.split_terminator(Self::END)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::{ANY, CLIENTS, Coverage, Exercise, Fields, SAID, remember};

    #[test]
    fn the_fields_of_a_body_are_dotted_paths() {
        let body = json!({"a": 1, "b": {"c": [{"d": {"e": true}}, "x", {"f": null}]}, "g": -1.5});
        let paths = |body: &_| Fields::of(body).paths().map(String::from).collect::<Vec<_>>();
        assert_eq!(paths(&body), ["a", "b", "b.c", "b.c.d", "b.c.f", "g"], "to a depth of three");
        assert_eq!(paths(&json!([{"a": "x"}])), ["a"]);
        assert_eq!(paths(&json!({"": 1})), [""]);
        assert_eq!(paths(&json!(5)), [""; 0]);
    }

    #[test]
    fn alternating_queries_and_fields_are_all_counted() {
        let mut exercise = Exercise::default();
        let long = "l".repeat(SAID + 1);
        for (query, body) in [("q=1", "a"), ("q=1", "b"), ("r=1&q=2", "b"), (&long, &long), ("", "b"), ("s=1", "a")] {
            exercise.note(query, Fields::of(&json!({body: 1})));
        }
        let names = |names: &BTreeSet<Box<str>>| names.iter().map(|name| String::from(&**name)).collect::<Vec<_>>();
        assert_eq!(names(&exercise.query), [&long, "q", "r", "s"]);
        assert_eq!(names(&exercise.body), ["a", "b", &long]);
        assert!(exercise.last.0.len() + exercise.last.1.0.len() <= 2 * SAID);
    }

    #[test]
    fn the_number_of_names_is_bounded() {
        let mut names = BTreeSet::new();
        for number in [0..999, 0..999, 999..2_000].into_iter().flatten() {
            remember(&mut names, &format!("{number:04}"));
        }
        assert_eq!((names.len(), names.last().map(|name| &**name)), (1_000, Some("0999")));
    }

    #[test]
    fn the_number_of_clients_counted_separately_is_bounded() {
        let coverage = Coverage::default();
        let names: Vec<_> = (0..CLIENTS + 2).map(|client| client.to_string()).collect();
        for _ in 0..2 {
            for (number, name) in names.iter().enumerate() {
                let expected = if number < CLIENTS { name } else { ANY };
                assert_eq!(&*coverage.told_apart(name), expected);
            }
        }
        coverage.clear();
        assert_eq!(&*coverage.told_apart(&names[CLIENTS]), names[CLIENTS]);
    }
}
