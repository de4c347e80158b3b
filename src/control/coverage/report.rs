//! The coverage report: documented operations compared with the exercised ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;

use crate::recorder::coverage::{Exercise, Exercised};

/// Maximum depth at which nested body fields are distinguished; the recorder counts to the same depth.
const DEPTH: usize = 3;

/// Coverage of a document.
pub(crate) struct Report {
    pub(super) operations: Vec<Covered>,
    pub(super) clients: Vec<Arc<str>>,
    /// Minimum percentage of operations to cover, if the gate is on.
    pub(super) minimum: Option<f64>,
}

/// An operation and its calls.
pub(super) struct Covered {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) tag: String,
    /// Calls by client, in the order of `Report::clients`, for each documented or returned status.
    pub(super) statuses: BTreeMap<u16, Vec<u64>>,
    pub(super) documented: BTreeSet<u16>,
    /// Documented query parameters, and whether a successful call had them.
    pub(super) query: BTreeMap<String, bool>,
    /// Documented body fields, and whether a successful call had them.
    pub(super) body: BTreeMap<String, bool>,
}

/// Covered items out of a total.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub(super) of: usize,
    pub(super) covered: usize,
}

impl Share {
    fn count(all: impl Iterator<Item = bool>) -> Self {
        all.fold(Self { of: 0, covered: 0 }, |share, covered| Self {
            of: share.of + 1,
            covered: share.covered + usize::from(covered),
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "operations are counted in hundreds")]
    pub(super) fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { self.covered as f64 * 100.0 / self.of as f64 }
    }
}

impl Covered {
    /// Whether any call of the operation succeeded.
    pub(super) fn is_covered(&self) -> bool {
        self.statuses.iter().any(|(status, counts)| *status < 400 && counts.iter().any(|count| *count > 0))
    }

    pub(super) fn calls(&self) -> u64 {
        self.statuses.values().flatten().sum()
    }
}

impl Report {
    /// Compares the exercised operations with an OpenAPI 3.1 document.
    pub(crate) fn new(document: &Value, exercised: &BTreeMap<Arc<str>, Exercised>) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let nodes = paths.flat_map(|(path, item)| {
            item.as_object().into_iter().flatten().map(move |(method, node)| (path, method, node))
        });
        let mut operations: Vec<_> = nodes
            .filter_map(|(path, method, node)| {
                let id = node["operationId"].as_str()?;
                let by_client: Vec<_> = exercised.values().map(|operations| operations.get(id)).collect();
                Some(covered(document, id, method, path, node, &by_client))
            })
            .collect();
        operations.sort_by(|a, b| (&a.tag, &a.path, &a.method).cmp(&(&b.tag, &b.path, &b.method)));
        Self { operations, clients: exercised.keys().cloned().collect(), minimum: None }
    }

    /// Sets the minimum percentage of operations to cover.
    pub(crate) fn with_minimum(self, minimum: Option<f64>) -> Self {
        Self { minimum, ..self }
    }

    /// A message about the missing coverage, if it is below the minimum.
    pub(crate) fn shortfall(&self) -> Option<String> {
        let percent = self.percent();
        let minimum = self.minimum.filter(|minimum| percent < *minimum)?;
        Some(format!("{percent:.2} % of the operations were covered, less than the minimum of {minimum} %"))
    }

    /// Percentage of operations with a successful call.
    pub(crate) fn percent(&self) -> f64 {
        self.covered_operations().percent()
    }

    pub(super) fn covered_operations(&self) -> Share {
        Share::count(self.operations.iter().map(Covered::is_covered))
    }

    pub(super) fn covered_statuses(&self) -> Share {
        Share::count(self.operations.iter().flat_map(|operation| {
            operation.documented.iter().map(|status| operation.statuses[status].iter().any(|count| *count > 0))
        }))
    }

    pub(super) fn covered_parameters(&self) -> Share {
        Share::count(self.operations.iter().flat_map(|operation| operation.query.values().copied()))
    }

    pub(super) fn covered_fields(&self) -> Share {
        Share::count(self.operations.iter().flat_map(|operation| operation.body.values().copied()))
    }

    /// Operations with a successful call of this client.
    pub(super) fn covered_by(&self, client: usize) -> Share {
        Share::count(
            self.operations
                .iter()
                .map(|operation| operation.statuses.iter().any(|(status, counts)| *status < 400 && counts[client] > 0)),
        )
    }
}

fn covered(
    document: &Value,
    id: &str,
    method: &str,
    path: &str,
    node: &Value,
    exercises: &[Option<&Exercise>],
) -> Covered {
    let documented = node["responses"].as_object().into_iter().flatten();
    let documented: BTreeSet<u16> = documented.filter_map(|(status, _)| status.parse().ok()).collect();
    let answered = exercises.iter().flatten().flat_map(|exercise| exercise.statuses.keys().copied());
    let statuses = documented.iter().copied().chain(answered).map(|status| {
        let count = |exercise: Option<&Exercise>| {
            exercise.and_then(|exercise| exercise.statuses.get(&status)).copied().unwrap_or_default()
        };
        (status, exercises.iter().map(|exercise| count(*exercise)).collect())
    });
    let seen = |names: fn(&Exercise) -> &BTreeSet<Box<str>>, name: &str| {
        exercises.iter().flatten().any(|exercise| names(exercise).contains(name))
    };
    let parameters = node["parameters"].as_array().into_iter().flatten();
    let query = parameters.filter(|parameter| parameter["in"] == "query").filter_map(|parameter| {
        let name = parameter["name"].as_str()?;
        Some((name.to_owned(), seen(|exercise| &exercise.query, name)))
    });
    let mut names = BTreeSet::new();
    let body = &node["requestBody"]["content"]["application/json"]["schema"];
    fields(document, "", body, DEPTH, &mut names);
    Covered {
        id: id.to_owned(),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        tag: node["tags"][0].as_str().unwrap_or_default().to_owned(),
        statuses: statuses.collect(),
        documented,
        query: query.collect(),
        body: names
            .into_iter()
            .map(|name| {
                let is_seen = seen(|exercise| &exercise.body, &name);
                (name, is_seen)
            })
            .collect(),
    }
}

/// Collects the field names of a schema; nested names are joined by dots.
fn fields(document: &Value, at: &str, schema: &Value, depth: usize, names: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#'));
        return target.into_iter().for_each(|schema| fields(document, at, schema, depth, names));
    }
    for part in ["allOf", "anyOf", "oneOf"].iter().flat_map(|key| schema[key].as_array().into_iter().flatten()) {
        fields(document, at, part, depth, names);
    }
    if schema["items"].is_object() {
        fields(document, at, &schema["items"], depth, names);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten().filter(|_| depth > 0) {
        let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        fields(document, &path, property, depth - 1, names);
        names.insert(path);
    }
}
