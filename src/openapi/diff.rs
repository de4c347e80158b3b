//! Compares two documents from the point of view of API clients.
//!
//! Clients send what the old document allows, so the new one must not require more. They rely on what the old document
//! promises, so the new one must not promise less.

mod report;
mod schema;
mod security;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The effect of a change on clients.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Clients of the old document can fail.
    Breaking,
    /// Clients can do or receive more.
    Added,
}

/// A change.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Its effect.
    pub effect: Effect,
    /// Operation, such as `GET /leads`, or shared schema.
    pub place: String,
    /// What changed.
    pub what: String,
}

/// Formats of change logs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Format {
    /// One line per change.
    Text,
    /// For scripts.
    Json,
    /// A change log.
    Markdown,
}

/// The differences between two documents.
pub struct Diff {
    changes: BTreeSet<Change>,
    note: Option<String>,
}

impl Diff {
    /// Compares an old document with a new one. Fails if one is not an OpenAPI document.
    pub fn new(old: &Value, new: &Value) -> Result<Self, String> {
        for (which, document) in [("old", old), ("new", new)] {
            if !document["openapi"].is_string() || !document["paths"].is_object() {
                return Err(format!("the {which} file is not an OpenAPI document: it needs `openapi` and `paths`"));
            }
        }
        let mut comparison = Comparison { old, new, changes: BTreeSet::new(), compared: BTreeSet::new() };
        comparison.documents();
        let versions = [old, new].map(version);
        let note = (versions[0] != versions[1]).then(|| {
            format!(
                "the old document is OpenAPI {} and the new one {}, which describe some values differently; compare \
                 documents of the same version",
                versions[0], versions[1]
            )
        });
        Ok(Self { changes: comparison.changes, note })
    }

    /// The reason that some changes may not be changes of the API.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// All changes, breaking ones first.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter()
    }

    /// Whether clients of the old document can fail.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.changes.iter().any(|change| change.effect == Effect::Breaking)
    }

    /// The changes in a format.
    #[must_use]
    pub fn write(&self, format: Format) -> String {
        report::write(&self.changes, self.is_breaking(), self.note(), format)
    }
}

/// The version of the specification that a document follows, without the patch number, such as `3.1`.
#[must_use]
pub fn version(document: &Value) -> &str {
    let version = document["openapi"].as_str().unwrap_or_default();
    version.match_indices('.').nth(1).map_or(version, |(end, _)| &version[..end])
}

/// Reads a document as JSON or YAML.
pub fn read(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(document) => Ok(document),
        // JSON errors are clearer, so texts that look like JSON are not parsed as YAML.
        Err(error) if text.trim_start().starts_with('{') => Err(format!("invalid JSON: {error}")),
        Err(_) => serde_yaml::from_str(text).map_err(|error| format!("invalid YAML: {error}")),
    }
}

/// The direction of data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    /// From the client.
    Sent,
    /// To the client.
    Received,
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    changes: BTreeSet<Change>,
    /// Pairs of shared schemas, which can be recursive.
    compared: BTreeSet<(Direction, String, String)>,
}

/// An operation with the parameters of its path.
struct Operation<'a> {
    /// Method and path.
    name: String,
    node: &'a Value,
    shared: &'a Value,
}

impl<'a> Comparison<'a> {
    fn add(&mut self, effect: Effect, place: &str, what: impl Into<String>) {
        self.changes.insert(Change { effect, place: place.to_owned(), what: what.into() });
    }

    fn breaking(&mut self, place: &str, what: impl Into<String>) {
        self.add(Effect::Breaking, place, what);
    }

    fn added(&mut self, place: &str, what: impl Into<String>) {
        self.add(Effect::Added, place, what);
    }

    fn documents(&mut self) {
        let (old, new) = (operations(self.old), operations(self.new));
        for (key, before) in &old {
            match new.get(key) {
                Some(after) => self.operation(&before.name, before, after),
                None => self.breaking(&before.name, "operation removed"),
            }
        }
        for (_, operation) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            self.added(&operation.name, "operation added");
        }
    }

    fn operation(&mut self, name: &str, before: &Operation<'a>, after: &Operation<'a>) {
        self.parameters(name, before, after);
        self.request_body(
            name,
            resolve(self.old, &before.node["requestBody"]),
            resolve(self.new, &after.node["requestBody"]),
        );
        self.responses(name, &before.node["responses"], &after.node["responses"]);
        self.security(name, before.node, after.node);
    }

    fn parameters(&mut self, name: &str, before: &Operation<'a>, after: &Operation<'a>) {
        // Clients send path parameters by position.
        let [olds, news] = [before, after].map(|operation| placeholders(&operation.name));
        let renamed: BTreeMap<_, _> = news.into_iter().zip(olds).collect();
        let (old, new) = (parameters(self.old, before, &BTreeMap::new()), parameters(self.new, after, &renamed));
        for (what, one) in &old {
            let Some(other) = new.get(what) else {
                self.breaking(name, format!("{what} removed"));
                continue;
            };
            if other["required"] == true && one["required"] != true {
                self.breaking(name, format!("{what} is now required"));
            }
            self.schemas(Direction::Sent, name, what, &one["schema"], &other["schema"]);
        }
        for (what, parameter) in new.iter().filter(|(what, _)| !old.contains_key(*what)) {
            if parameter["required"] == true {
                self.breaking(name, format!("required {what} added"));
            } else {
                self.added(name, format!("{what} added"));
            }
        }
    }

    fn request_body(&mut self, name: &str, old: &'a Value, new: &'a Value) {
        if new["required"] == true && old["required"] != true {
            self.breaking(name, "a body is now required");
        }
        if !old.is_null() && new.is_null() {
            return self.breaking(name, "a body is no longer accepted");
        }
        self.contents(&old["content"], &new["content"], |comparison, kind, one, other| match (one, other) {
            (Some(one), Some(other)) => {
                comparison.schemas(Direction::Sent, name, "body", &one["schema"], &other["schema"]);
            }
            (Some(_), None) => comparison.breaking(name, format!("{kind} bodies are no longer accepted")),
            (None, _) => comparison.added(name, format!("{kind} bodies are accepted")),
        });
    }

    fn responses(&mut self, name: &str, old: &'a Value, new: &'a Value) {
        self.contents(old, new, |comparison, status, one, other| {
            let (Some(one), Some(other)) = (one, other) else {
                return match one {
                    // Clients do not fail if an error status is no longer returned.
                    Some(_) if status.starts_with('2') => {
                        comparison.breaking(name, format!("response {status} removed"));
                    }
                    Some(_) => comparison.added(name, format!("response {status} is no longer sent")),
                    None if status.starts_with('2') => comparison.breaking(name, format!("response {status} added")),
                    None => comparison.added(name, format!("response {status} added")),
                };
            };
            let (one, other) = (resolve(comparison.old, one), resolve(comparison.new, other));
            comparison.headers(name, status, &one["headers"], &other["headers"]);
            comparison.contents(&one["content"], &other["content"], |comparison, kind, one, other| {
                match (one, other) {
                    (Some(one), Some(other)) => {
                        comparison.schemas(Direction::Received, name, status, &one["schema"], &other["schema"]);
                    }
                    (Some(_), None) => comparison.breaking(name, format!("{status} is no longer {kind}")),
                    (None, _) => comparison.added(name, format!("{status} can be {kind}")),
                }
            });
        });
    }

    fn headers(&mut self, name: &str, status: &str, old: &'a Value, new: &'a Value) {
        self.contents(old, new, |comparison, header, one, other| match (one, other) {
            (Some(one), Some(other)) => {
                let (one, other) = (resolve(comparison.old, one), resolve(comparison.new, other));
                let what = format!("{status} header {header}");
                comparison.schemas(Direction::Received, name, &what, &one["schema"], &other["schema"]);
            }
            (Some(_), None) => comparison.breaking(name, format!("{status} header {header} removed")),
            (None, _) => comparison.added(name, format!("{status} header {header} added")),
        });
    }

    /// Calls `judge` for each key of two maps.
    fn contents(
        &mut self,
        old: &'a Value,
        new: &'a Value,
        mut judge: impl FnMut(&mut Self, &str, Option<&'a Value>, Option<&'a Value>),
    ) {
        for (key, one) in old.as_object().into_iter().flatten() {
            judge(self, key, Some(one), new.get(key));
        }
        for (key, other) in new.as_object().into_iter().flatten().filter(|(key, _)| old.get(key).is_none()) {
            judge(self, key, None, Some(other));
        }
    }
}

/// The operations of a document, by method and path without the names of path parameters.
fn operations(document: &Value) -> BTreeMap<String, Operation<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let item = resolve(document, item);
        METHODS.iter().filter_map(move |method| {
            let node = item.get(method)?;
            let name = format!("{} {path}", method.to_ascii_uppercase());
            let unnamed = placeholders(path)
                .into_iter()
                .fold(name.clone(), |name, parameter| name.replacen(&format!("{{{parameter}}}"), "{}", 1));
            Some((unnamed, Operation { name, node, shared: &item["parameters"] }))
        })
    });
    all.collect()
}

/// The names of the parameters in a path, in order.
fn placeholders(path: &str) -> Vec<&str> {
    let parts = path.split('{').skip(1);
    parts.filter_map(|part| Some(part.split_once('}')?.0)).collect()
}

/// The parameters of an operation, which override those of its path. Path parameters get the names in `renamed`.
fn parameters<'a>(
    document: &'a Value,
    operation: &Operation<'a>,
    renamed: &BTreeMap<&str, &str>,
) -> BTreeMap<String, &'a Value> {
    let lists = [operation.shared, &operation.node["parameters"]];
    let all = lists.into_iter().flat_map(|list| list.as_array().into_iter().flatten());
    let named = all.map(|parameter| resolve(document, parameter)).filter_map(|parameter| {
        let (place, name) = (parameter["in"].as_str()?, parameter["name"].as_str()?);
        let name = if place == "path" { renamed.get(name).copied().unwrap_or(name) } else { name };
        Some((format!("{place} parameter {name}"), parameter))
    });
    named.collect()
}

/// A node, or the node that it refers to within its document.
fn resolve<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let mut node = node;
    // References to references are rare; a cycle of them ends here.
    for _ in 0..16 {
        let Some(target) = node["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) else { break };
        node = document.pointer(target).unwrap_or(&Value::Null);
    }
    node
}
