//! Shared components: equal error responses are declared once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::export::operation_nodes;

/// Names of error responses by status.
const RESPONSES: [(&str, &str); 11] = [
    ("4XX", "Problem"),
    ("400", "BadRequest"),
    ("401", "Unauthorized"),
    ("403", "Forbidden"),
    ("404", "NotFound"),
    ("409", "Conflict"),
    ("413", "TooLarge"),
    ("415", "Unsupported"),
    ("422", "Invalid"),
    ("429", "RateLimited"),
    ("503", "Unavailable"),
];

/// Replaces error responses shared by several operations with references.
pub(super) fn responses(document: &mut Value) {
    let mut shared = Shared::default();
    for node in operation_nodes(document) {
        let tag = node["tags"][0].as_str().unwrap_or_default();
        for (status, response) in node["responses"].as_object().into_iter().flatten() {
            shared.count(base(status), tag, response);
        }
    }
    shared.name();
    for node in operation_nodes(document) {
        for (status, response) in node["responses"].as_object_mut().into_iter().flatten() {
            shared.replace(base(status), response);
        }
    }
    shared.declare(document);
}

fn base(status: &str) -> Option<&'static str> {
    RESPONSES.iter().find(|(known, _)| *known == status).map(|(_, name)| *name)
}

/// Parts of a document that may occur several times.
#[derive(Default)]
struct Shared {
    uses: BTreeMap<(&'static str, String), Uses>,
    names: BTreeMap<String, String>,
}

/// The uses of a part.
#[derive(Default)]
struct Uses {
    count: usize,
    /// The tag of the first use.
    tag: String,
}

impl Shared {
    fn count(&mut self, base: Option<&'static str>, tag: &str, part: &Value) {
        if let Some(base) = base {
            let uses = self.uses.entry((base, part.to_string())).or_default();
            uses.count += 1;
            if uses.count == 1 {
                uses.tag = tag.split_whitespace().collect();
            }
        }
    }

    /// Names the parts that occur more than once. The most frequent one gets the plain name, others are prefixed with
    /// their tag.
    fn name(&mut self) {
        let mut frequent: Vec<_> = self.uses.iter().filter(|(_, uses)| uses.count > 1).collect();
        frequent.sort_by_key(|((base, _), uses)| (*base, std::cmp::Reverse(uses.count)));
        let mut known = BTreeSet::new();
        for ((base, text), uses) in frequent {
            let plain = [(*base).to_owned(), format!("{base}{}", uses.tag)].into_iter();
            let numbered = (2..).map(|number| format!("{base}{}{number}", uses.tag));
            let mut names = plain.chain(numbered).filter(|name| !known.contains(name));
            let name = names.next().expect("there are more names than parts");
            known.insert(name.clone());
            self.names.insert(text.clone(), name);
        }
    }

    fn replace(&self, base: Option<&'static str>, part: &mut Value) {
        if base.is_some()
            && let Some(name) = self.names.get(&part.to_string())
        {
            *part = json!({"$ref": format!("#/components/responses/{name}")});
        }
    }

    fn declare(self, document: &mut Value) {
        if self.names.is_empty() {
            return;
        }
        let mut parts: Vec<_> = self.names.into_iter().map(|(text, name)| (name, text)).collect();
        parts.sort();
        let read = |text: String| serde_json::from_str(&text).expect("it was rendered as JSON");
        let parts: Map<_, _> = parts.into_iter().map(|(name, text)| (name, read(text))).collect();
        document["components"]["responses"] = Value::Object(parts);
    }
}
