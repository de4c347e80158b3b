//! Compares schemas.

use std::{borrow::Cow, collections::BTreeSet};

use serde_json::{Map, Value};

use super::{Comparison, Direction, resolve};

/// Keywords that restrict values.
const NARROWING: [&str; 13] = [
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "format",
    "const",
    "multipleOf",
    "uniqueItems",
];

impl<'a> Comparison<'a> {
    /// Compares two schemas. `at` names them in the messages of `place`.
    pub(super) fn schemas(&mut self, direction: Direction, place: &str, at: &str, old: &'a Value, new: &'a Value) {
        if old.is_null() || new.is_null() {
            return;
        }
        let mut place = Cow::Borrowed(place);
        let mut at = Cow::Borrowed(at);
        if let (Some(one), Some(other)) = (old["$ref"].as_str(), new["$ref"].as_str()) {
            if !self.compared.insert((direction, one.to_owned(), other.to_owned())) {
                return;
            }
            // Reported once for the schema instead of for every use.
            let name = one.rsplit('/').next().unwrap_or(one);
            place = Cow::Owned(match direction {
                Direction::Sent => format!("{name} (sent)"),
                Direction::Received => format!("{name} (received)"),
            });
            at = Cow::Borrowed("");
        }
        let (old, new) = (plain(self.old, old), plain(self.new, new));
        self.types(direction, &place, &at, &old, &new);
        self.values(direction, &place, &at, &old, &new);
        if direction == Direction::Sent {
            self.limits(&place, &at, &old, &new);
        }
        self.properties(direction, &place, &at, &old, &new);
        if let (Some(one), Some(other)) = (old.items, new.items) {
            self.schemas(direction, &place, &format!("{at}[]"), one, other);
        }
        if let (Some(one), Some(other)) = (old.additional, new.additional) {
            self.schemas(direction, &place, &format!("{at}.*"), one, other);
        }
    }

    fn types(&mut self, direction: Direction, place: &str, at: &str, old: &Plain<'a>, new: &Plain<'a>) {
        let at = named(at);
        let (lost, gained): (Vec<_>, Vec<_>) = match (old.types.is_empty(), new.types.is_empty()) {
            (true, true) => return,
            // No type means any type.
            (true, false) => (vec!["anything".to_owned()], Vec::new()),
            (false, true) => (Vec::new(), vec!["anything".to_owned()]),
            (false, false) => (
                old.types.iter().filter(|kind| !covers(&new.types, kind)).cloned().collect(),
                new.types.iter().filter(|kind| !covers(&old.types, kind)).cloned().collect(),
            ),
        };
        for kind in lost {
            match direction {
                Direction::Sent => self.breaking(place, format!("{at}may no longer be {kind}")),
                Direction::Received => self.added(place, format!("{at}is never {kind}")),
            }
        }
        for kind in gained {
            match direction {
                Direction::Sent => self.added(place, format!("{at}may be {kind}")),
                Direction::Received => self.breaking(place, format!("{at}can be {kind}")),
            }
        }
    }

    fn values(&mut self, direction: Direction, place: &str, at: &str, old: &Plain<'a>, new: &Plain<'a>) {
        let at = named(at);
        let list = |values: Vec<&Value>| values.into_iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
        match (old.values, new.values) {
            (None, None) => {}
            (Some(_), None) => match direction {
                Direction::Sent => self.added(place, format!("{at}may be any value")),
                Direction::Received => self.breaking(place, format!("{at}can be any value")),
            },
            (None, Some(values)) => {
                let values = list(values.iter().collect());
                match direction {
                    Direction::Sent => self.breaking(place, format!("{at}must be one of {values}")),
                    Direction::Received => self.added(place, format!("{at}is one of {values}")),
                }
            }
            (Some(before), Some(after)) => {
                let removed: Vec<_> = before.iter().filter(|value| !after.contains(value)).collect();
                let gained: Vec<_> = after.iter().filter(|value| !before.contains(value)).collect();
                if !removed.is_empty() {
                    let values = list(removed);
                    match direction {
                        Direction::Sent => self.breaking(place, format!("{at}may no longer be {values}")),
                        Direction::Received => self.added(place, format!("{at}is never {values}")),
                    }
                }
                if !gained.is_empty() {
                    let values = list(gained);
                    match direction {
                        Direction::Sent => self.added(place, format!("{at}may be {values}")),
                        Direction::Received => self.breaking(place, format!("{at}can be {values}")),
                    }
                }
            }
        }
    }

    fn limits(&mut self, place: &str, at: &str, old: &Plain<'a>, new: &Plain<'a>) {
        let at = named(at);
        for rule in NARROWING {
            let (Some(now), before) = (new.schema.get(rule), old.schema.get(rule)) else { continue };
            if Some(now) == before || before.is_some_and(|before| is_wider(rule, before, now)) || now == false {
                continue;
            }
            let was = before.map(|before| format!(" (was {before})")).unwrap_or_default();
            self.breaking(place, format!("{at}must satisfy {rule} {now}{was}"));
        }
        let closed = |plain: &Plain<'_>| plain.schema.get("additionalProperties") == Some(&Value::Bool(false));
        if closed(new) && !closed(old) {
            self.breaking(place, format!("{at}may no longer have other properties"));
        }
    }

    fn properties(&mut self, direction: Direction, place: &str, at: &str, old: &Plain<'a>, new: &Plain<'a>) {
        let below = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        for (name, &one) in &old.properties {
            match new.properties.get(name.as_str()).copied() {
                Some(other) => self.schemas(direction, place, &below(name), one, other),
                None => self.breaking(place, format!("{} removed", below(name))),
            }
        }
        for name in new.properties.keys().filter(|name| !old.properties.contains_key(name.as_str())) {
            self.added(place, format!("{} added", below(name)));
        }
        match direction {
            Direction::Sent => {
                for name in new.required.difference(&old.required) {
                    self.breaking(place, format!("{} is now required", below(name)));
                }
            }
            Direction::Received => {
                for name in old.required.difference(&new.required) {
                    if new.properties.contains_key(name.as_str()) {
                        self.breaking(place, format!("{} may be missing", below(name)));
                    }
                }
            }
        }
    }
}

/// The start of a message about a location.
fn named(at: &str) -> String {
    if at.is_empty() { String::new() } else { format!("{at} ") }
}

/// Whether values of a type are allowed: integers are numbers.
fn covers(types: &BTreeSet<String>, kind: &str) -> bool {
    types.contains(kind) || kind == "integer" && types.contains("number")
}

fn is_wider(rule: &str, old: &Value, new: &Value) -> bool {
    let (Some(old), Some(new)) = (old.as_f64(), new.as_f64()) else { return false };
    match rule {
        "minLength" | "minimum" | "exclusiveMinimum" | "minItems" => new < old,
        "maxLength" | "maximum" | "exclusiveMaximum" | "maxItems" => new > old,
        _ => false,
    }
}

/// A schema with its compared references and compositions resolved.
struct Plain<'a> {
    schema: Map<String, Value>,
    /// Empty for any type.
    types: BTreeSet<String>,
    values: Option<&'a Vec<Value>>,
    properties: std::collections::BTreeMap<String, &'a Value>,
    required: BTreeSet<String>,
    items: Option<&'a Value>,
    additional: Option<&'a Value>,
}

fn plain<'a>(document: &'a Value, schema: &'a Value) -> Plain<'a> {
    let mut plain = Plain {
        schema: Map::new(),
        types: BTreeSet::new(),
        values: None,
        properties: std::collections::BTreeMap::new(),
        required: BTreeSet::new(),
        items: None,
        additional: None,
    };
    merge(document, schema, &mut plain, 0);
    plain
}

/// Adds a schema: its own keywords, all parts of `allOf`, and the only alternative besides null. Of several
/// alternatives, only the types are compared.
fn merge<'a>(document: &'a Value, schema: &'a Value, into: &mut Plain<'a>, depth: usize) {
    if depth > 16 {
        return;
    }
    let schema = resolve(document, schema);
    let Some(keywords) = schema.as_object() else { return };
    into.types.extend(types(schema));
    for (name, value) in keywords {
        into.schema.insert(name.clone(), value.clone());
    }
    into.values = schema["enum"].as_array().or(into.values);
    into.properties
        .extend(schema["properties"].as_object().into_iter().flatten().map(|(name, one)| (name.clone(), one)));
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    into.required.extend(required.map(str::to_owned));
    into.items = keywords.get("items").or(into.items);
    into.additional = keywords.get("additionalProperties").filter(|other| other.is_object()).or(into.additional);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        merge(document, part, into, depth + 1);
    }
    for key in ["anyOf", "oneOf"] {
        let Some(parts) = schema[key].as_array() else { continue };
        let (null, real): (Vec<_>, Vec<_>) = parts.iter().partition(|part| resolve(document, part)["type"] == "null");
        if !null.is_empty() {
            into.types.insert("null".to_owned());
        }
        match real[..] {
            [only] => merge(document, only, into, depth + 1),
            _ => into.types.extend(real.iter().flat_map(|part| types(resolve(document, part)))),
        }
    }
}

fn types(schema: &Value) -> Vec<String> {
    let mut types: Vec<_> = match &schema["type"] {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    if schema["nullable"] == true && !types.is_empty() {
        types.push("null".to_owned());
    }
    types
}
