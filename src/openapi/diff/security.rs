//! Comparison of the credentials that operations require.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Comparison, resolve};

/// Properties of schemes that do not change what clients send.
const DESCRIPTIVE: [&str; 2] = ["description", "bearerFormat"];

/// Schemes that are required together, by definition, with their scopes. Empty if no credentials are required.
struct Requirement {
    schemes: BTreeMap<String, BTreeSet<String>>,
    /// The names of the schemes.
    names: Vec<String>,
}

impl Requirement {
    /// Whether credentials that satisfy this requirement also satisfy the other one.
    fn satisfies(&self, other: &Self) -> bool {
        other.schemes.iter().all(|(scheme, scopes)| self.schemes.get(scheme).is_some_and(|own| scopes.is_subset(own)))
    }
}

impl<'a> Comparison<'a> {
    /// Compares the security requirements of an operation: each of the old alternatives must still suffice.
    pub(super) fn security(&mut self, name: &str, before: &'a Value, after: &'a Value) {
        let (old, new) = (alternatives(self.old, before), alternatives(self.new, after));
        let is_open = |all: &[Requirement]| all.iter().any(|one| one.schemes.is_empty());
        if is_open(&old) && !is_open(&new) {
            self.breaking(name, "credentials are now required");
        }
        for one in old.iter().filter(|one| !one.schemes.is_empty()) {
            if !new.iter().any(|other| one.satisfies(other)) {
                self.breaking(name, format!("credentials for {} no longer suffice", one.names.join(" and ")));
            }
        }
        if is_open(&new) && !is_open(&old) {
            self.added(name, "credentials are no longer required");
        }
        for other in new.iter().filter(|other| !other.schemes.is_empty() && !is_open(&new)) {
            if !old.iter().any(|one| other.satisfies(one)) {
                self.added(name, format!("credentials for {} suffice", other.names.join(" and ")));
            }
        }
    }
}

/// The alternative requirements of an operation, which default to those of the document.
fn alternatives(document: &Value, operation: &Value) -> Vec<Requirement> {
    let security = if operation["security"].is_array() { &operation["security"] } else { &document["security"] };
    let all = security.as_array().into_iter().flatten().filter_map(Value::as_object);
    let mut all: Vec<_> = all
        .map(|schemes| Requirement {
            schemes: schemes.iter().map(|(name, scopes)| (definition(document, name), strings(scopes))).collect(),
            names: schemes.keys().cloned().collect(),
        })
        .collect();
    if all.is_empty() {
        all.push(Requirement { schemes: BTreeMap::new(), names: Vec::new() });
    }
    all
}

fn strings(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(|one| Some(one.as_str()?.to_owned())).collect()
}

/// What identifies a scheme: its definition, because its name does not matter to clients, or else its name.
fn definition(document: &Value, name: &str) -> String {
    let scheme = resolve(document, &document["components"]["securitySchemes"][name]);
    match scheme.as_object() {
        // Documents may describe the endpoints of flows in different ways.
        Some(scheme) if scheme.get("type").is_some_and(|kind| kind == "oauth2") => format!("oauth2 {name}"),
        Some(scheme) => {
            let mut scheme = scheme.clone();
            scheme.retain(|key, _| !DESCRIPTIVE.contains(&key.as_str()) && !key.starts_with("x-"));
            let mut pairs: Vec<_> = scheme.into_iter().collect();
            pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
            json!(pairs).to_string()
        }
        None => name.to_owned(),
    }
}
