//! Compares two responses, and the webhooks and frames of two runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Deserialize;
use serde_json::Value;

use super::script::Response;

/// The kind of a difference. `Missing` and `Extra` are from the reference server's point of view.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Status,
    ContentType,
    Header,
    Type,
    Missing,
    Extra,
    Length,
    Value,
    /// A different number of webhooks or frames of one kind.
    Count,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    /// A JSON pointer into the body, `status`, `content-type`, `header NAME` or `count`.
    pub(super) pointer: String,
    pub(super) kind: Kind,
    pub(super) reference: Option<Value>,
    pub(super) ours: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clip = |value: &Option<Value>| {
            let text = value.as_ref().map_or_else(|| "(absent)".to_owned(), Value::to_string);
            if text.chars().count() > 160 { text.chars().take(160).chain(['…']).collect() } else { text }
        };
        write!(f, "{}  reference {}  ours {}", self.pointer, clip(&self.reference), clip(&self.ours))
    }
}

/// All differences between two responses; if the status differs, only that.
pub(super) fn compare(reference: &Response, ours: &Response) -> Vec<Difference> {
    let difference = |pointer: String, kind, reference: Option<Value>, ours: Option<Value>| {
        (reference != ours).then_some(Difference { pointer, kind, reference, ours })
    };
    let status = |response: &Response| Some(response.status.into());
    if let Some(status) = difference("status".to_owned(), Kind::Status, status(reference), status(ours)) {
        return vec![status];
    }
    let content_type = |response: &Response| Some(response.content_type.clone().into());
    let content_type = (content_type(reference), content_type(ours));
    let mut found = Vec::new();
    found.extend(difference("content-type".to_owned(), Kind::ContentType, content_type.0, content_type.1));
    for name in reference.headers.keys().chain(ours.headers.keys()).collect::<BTreeSet<_>>() {
        let header = |response: &Response| response.headers.get(name).map(|value| value.as_str().into());
        found.extend(difference(format!("header {name}"), Kind::Header, header(reference), header(ours)));
    }
    walk(reference.body.as_ref(), ours.body.as_ref(), "", &mut found);
    found
}

fn walk(reference: Option<&Value>, ours: Option<&Value>, pointer: &str, found: &mut Vec<Difference>) {
    let mut add = |kind, reference: Option<Value>, ours: Option<Value>| {
        let pointer = if pointer.is_empty() { "/".to_owned() } else { pointer.to_owned() };
        found.push(Difference { pointer, kind, reference, ours });
    };
    let (Some(a), Some(b)) = (reference, ours) else {
        match (reference, ours) {
            (Some(a), None) => add(Kind::Missing, Some(a.clone()), None),
            (None, Some(b)) => add(Kind::Extra, None, Some(b.clone())),
            _ => {}
        }
        return;
    };
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            if a.len() != b.len() {
                add(Kind::Length, Some(a.len().into()), Some(b.len().into()));
            }
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                walk(Some(a), Some(b), &format!("{pointer}/{index}"), found);
            }
        }
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                walk(a.get(key), b.get(key), &format!("{pointer}/{key}"), found);
            }
        }
        _ if type_name(a) != type_name(b) => add(Kind::Type, Some(a.clone()), Some(b.clone())),
        _ if a != b && a.as_f64().is_none_or(|number| Some(number) != b.as_f64()) => {
            add(Kind::Value, Some(a.clone()), Some(b.clone()));
        }
        _ => {}
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The types at each pointer in some values. All items of an array share the pointer `…/#`.
type Shape = BTreeMap<String, BTreeSet<&'static str>>;

fn shape(values: &[Value]) -> Shape {
    fn walk(value: &Value, pointer: &str, shape: &mut Shape) {
        let key = if pointer.is_empty() { "/" } else { pointer };
        shape.entry(key.to_owned()).or_default().insert(type_name(value));
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, &format!("{pointer}/#"), shape)),
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| walk(value, &format!("{pointer}/{name}"), shape));
            }
            _ => {}
        }
    }

    let mut shape = Shape::new();
    for value in values {
        walk(value, "", &mut shape);
    }
    shape
}

/// Compares the number and the shape of webhooks or frames of one kind.
pub(super) fn compare_kind(reference: &[Value], ours: &[Value]) -> Vec<Difference> {
    let mut found = Vec::new();
    if reference.len() != ours.len() {
        let [reference, ours] = [reference, ours].map(|values| Some(values.len().into()));
        found.push(Difference { pointer: "count".to_owned(), kind: Kind::Count, reference, ours });
    }
    if reference.is_empty() || ours.is_empty() {
        return found;
    }
    let (a, b) = (shape(reference), shape(ours));
    let types = |types: &BTreeSet<&str>| Some(types.iter().copied().collect::<Vec<_>>().join(" or ").into());
    // A field is missing or extra only where its parent exists on the other side.
    let has_parent = |shape: &Shape, pointer: &str| {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let parent = shape.get(if parent.is_empty() { "/" } else { parent });
        pointer == "/" || parent.is_some_and(|types| types.contains("object") || types.contains("array"))
    };
    for pointer in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
        let kind = match (a.get(pointer), b.get(pointer)) {
            (None, Some(_)) if has_parent(&a, pointer) => Kind::Extra,
            (Some(_), None) if has_parent(&b, pointer) => Kind::Missing,
            (Some(a), Some(b)) if a != b => Kind::Type,
            _ => continue,
        };
        let [reference, ours] = [&a, &b].map(|shape| shape.get(pointer).and_then(types));
        found.push(Difference { pointer: pointer.clone(), kind, reference, ours });
    }
    found
}
