//! Compares the response of a server with those of two fakes.
//!
//! The fakes differ in seed and clock. Where their responses agree, the server's must agree with them; where they
//! differ, a value depends on the run, and only its type is compared.

use bytes::Bytes;
use http::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::normal::Names;

/// Headers that are compared.
const HEADERS: [&str; 4] = ["content-disposition", "location", "allow", "www-authenticate"];

/// The kind of a difference, from the point of view of the verified server.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
#[doc(hidden)]
pub enum Kind {
    /// Another status.
    Status,
    /// Another content type, or a body that does not match the content type.
    ContentType,
    /// Another header.
    Header,
    /// No body where one is expected.
    Empty,
    /// A key that is absent.
    Missing,
    /// A key that is not expected.
    Extra,
    /// A key with another name and the expected value.
    Renamed,
    /// A value of another type.
    Type,
    /// Null where a value is expected.
    Null,
    /// A list of another length.
    Length,
    /// Another value.
    Value,
    /// A value that the document does not allow.
    Schema,
    /// No response.
    NoResponse,
}

/// A difference between a response and the expected one.
#[derive(Clone, Debug, Serialize, PartialEq)]
#[doc(hidden)]
pub struct Difference {
    /// Its kind.
    pub kind: Kind,
    /// A JSON pointer into the body, or `status`, `content-type`, `header NAME`.
    pub at: String,
    /// What the documented server returns.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub expected: Value,
    /// What the verified server returned.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub actual: Value,
}

impl Difference {
    pub(super) fn new(kind: Kind, at: impl Into<String>, expected: Value, actual: Value) -> Self {
        Self { kind, at: at.into(), expected, actual }
    }

    /// A human-readable line.
    pub(super) fn line(&self) -> String {
        let shown = |value: &Value| {
            let text = match value {
                Value::String(text) if matches!(self.kind, Kind::Schema | Kind::NoResponse) => text.clone(),
                value => value.to_string(),
            };
            if text.chars().count() > 120 { text.chars().take(120).chain(['…']).collect() } else { text }
        };
        let (expected, actual) = (shown(&self.expected), shown(&self.actual));
        let at = if self.at.is_empty() { "body" } else { &self.at };
        match self.kind {
            Kind::Missing => format!("{at}: missing, expected {expected}"),
            Kind::Extra => format!("{at}: unexpected, got {actual}"),
            Kind::Renamed => format!("{at}: missing, but {actual} has the same value"),
            Kind::Empty => format!("{at}: empty, expected {expected}"),
            Kind::Length => format!("{at}: {actual} elements, expected {expected}"),
            Kind::Schema => format!("{at}: the document does not allow this: {actual}"),
            Kind::NoResponse => actual,
            Kind::Type => {
                format!("{at}: {} ({actual}), expected {} ({expected})", kind(&self.actual), kind(&self.expected))
            }
            Kind::Status | Kind::ContentType | Kind::Header | Kind::Null | Kind::Value => {
                format!("{at}: {actual}, expected {expected}")
            }
        }
    }
}

/// A response, as far as it is compared.
pub(super) struct Compared {
    status: u16,
    /// Without parameters, in lower case.
    content_type: String,
    headers: Vec<(&'static str, String)>,
    body: Body,
}

enum Body {
    Empty,
    Json(Value),
    Text(String),
    /// Invalid JSON with the content type of JSON.
    Invalid,
    /// Not text.
    Binary,
}

impl Body {
    fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "an empty body",
            Self::Json(_) => "JSON",
            Self::Text(_) => "text",
            Self::Invalid => "a body that is not JSON",
            Self::Binary => "binary data",
        }
    }
}

impl Compared {
    pub(super) fn new(response: &Response<Bytes>, names: &Names) -> Self {
        let text = |name: &str| {
            let value = response.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let content_type = text("content-type").unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let headers = HEADERS.iter().filter_map(|name| Some((*name, names.text(&text(name)?))));
        let body = response.body();
        let read = if body.is_empty() {
            Body::Empty
        } else if content_type.contains("json") {
            match serde_json::from_slice::<Value>(body) {
                Ok(value) => Body::Json(names.value(&value)),
                Err(_) => Body::Invalid,
            }
        } else {
            match std::str::from_utf8(body) {
                Ok(text) if !content_type.starts_with("image/") => Body::Text(names.text(text)),
                _ => Body::Binary,
            }
        };
        Self { status: response.status().as_u16(), headers: headers.collect(), content_type, body: read }
    }
}

/// All differences between a response and those of two fakes. If the status differs, nothing else is compared.
pub(super) fn compare(expected: [&Compared; 2], actual: &Compared) -> Vec<Difference> {
    let [one, other] = expected;
    if actual.status != one.status {
        return vec![Difference::new(Kind::Status, "status", one.status.into(), actual.status.into())];
    }
    let mut all = Vec::new();
    let has_other_type = actual.content_type != one.content_type;
    for (name, value) in &one.headers {
        let found = actual.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value);
        let is_fixed = other.headers.iter().any(|(header, second)| header == name && second == value);
        if found.is_none() || is_fixed && found != Some(value) {
            let found = found.map_or(Value::Null, |found| found.clone().into());
            all.push(Difference::new(Kind::Header, format!("header {name}"), value.clone().into(), found));
        }
    }
    for (name, value) in &actual.headers {
        if !one.headers.iter().any(|(header, _)| header == name) {
            all.push(Difference::new(Kind::Header, format!("header {name}"), Value::Null, value.clone().into()));
        }
    }
    match (&one.body, &other.body, &actual.body) {
        (Body::Empty, _, Body::Empty) => {}
        (expected, _, Body::Empty) => {
            all.push(Difference::new(Kind::Empty, "", expected.kind().into(), Value::Null));
            return all;
        }
        (Body::Json(one), Body::Json(other), Body::Json(actual)) => values("", one, other, actual, &mut all),
        (Body::Text(one), Body::Text(other), Body::Text(actual))
            if !has_other_type && one == other && one != actual =>
        {
            all.push(Difference::new(Kind::Value, "", one.clone().into(), actual.clone().into()));
        }
        (expected, _, actual) if expected.kind() != actual.kind() && !has_other_type => {
            all.push(Difference::new(Kind::ContentType, "", expected.kind().into(), actual.kind().into()));
        }
        _ => {}
    }
    if has_other_type {
        let named = |kind: &str| if kind.is_empty() { Value::Null } else { kind.into() };
        let (expected, found) = (named(&one.content_type), named(&actual.content_type));
        all.push(Difference::new(Kind::ContentType, "content-type", expected, found));
    }
    all
}

fn values(at: &str, one: &Value, other: &Value, actual: &Value, all: &mut Vec<Difference>) {
    if kind(one) != kind(other) {
        return;
    }
    if kind(one) != kind(actual) {
        let as_null = if actual.is_null() { Kind::Null } else { Kind::Type };
        return all.push(Difference::new(as_null, at, shown(at, one), shown(at, actual)));
    }
    match (one, other, actual) {
        (Value::Object(one), Value::Object(other), Value::Object(actual)) => objects(at, one, other, actual, all),
        (Value::Array(one), Value::Array(other), Value::Array(actual)) if one.len() == other.len() => {
            if one.len() != actual.len() {
                return all.push(Difference::new(Kind::Length, at, one.len().into(), actual.len().into()));
            }
            for (index, ((one, other), actual)) in one.iter().zip(other).zip(actual).enumerate() {
                values(&format!("{at}/{index}"), one, other, actual, all);
            }
        }
        (one, other, actual) if one == other && !equal(one, actual) => {
            all.push(Difference::new(Kind::Value, at, shown(at, one), shown(at, actual)));
        }
        _ => {}
    }
}

fn objects(
    at: &str,
    one: &Map<String, Value>,
    other: &Map<String, Value>,
    actual: &Map<String, Value>,
    all: &mut Vec<Difference>,
) {
    let pointer = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    let mut extra: Vec<_> =
        actual.iter().filter(|(name, _)| !one.contains_key(*name) && !other.contains_key(*name)).collect();
    for (name, value) in one {
        let Some(second) = other.get(name) else { continue };
        match actual.get(name) {
            Some(found) => values(&pointer(name), value, second, found, all),
            None => {
                if let Some(position) = extra.iter().position(|(_, found)| equal(value, found)) {
                    let (renamed, _) = extra.remove(position);
                    all.push(Difference::new(Kind::Renamed, pointer(name), Value::Null, pointer(renamed).into()));
                } else {
                    let at = pointer(name);
                    let expected = shown(&at, value);
                    all.push(Difference::new(Kind::Missing, at, expected, Value::Null));
                }
            }
        }
    }
    for (name, value) in extra {
        let at = pointer(name);
        let found = shown(&at, value);
        all.push(Difference::new(Kind::Extra, at, Value::Null, found));
    }
}

/// Equality of JSON, which has only one type of number.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        _ => one == other,
    }
}

/// A value for a report: secrets are masked.
fn shown(at: &str, value: &Value) -> Value {
    let name = at.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_secret = ["password", "secret", "token", "key", "authorization"].iter().any(|part| name.contains(part));
    if is_secret && !value.is_null() {
        return "(masked)".into();
    }
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect(),
        Value::Array(items) => items.iter().map(|item| shown(at, item)).collect(),
        other => other.clone(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
