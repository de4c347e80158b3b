//! Identifiers for enum values. Generators turn values such as `-1` and `1`, or `=` and `!=`, into the same identifier,
//! or into one without a meaning.

use serde_json::{Value, json};

use crate::json_schema::dialect::Spec;

/// The extension from which generators read identifiers.
const NAMES: &str = "x-enum-varnames";

/// Enums with values that are not identifiers: the values, and the identifiers.
const ENUMS: [(&[&str], &[&str]); 7] = [
    (
        &["1", "-1", "asc", "ascending", "desc", "descending"],
        &["NUMERIC_ASCENDING", "NUMERIC_DESCENDING", "ASC", "ASCENDING", "DESC", "DESCENDING"],
    ),
    (
        &["=", "!=", ">", ">=", "starts with", "contains", "is null", "is not null"],
        &["EQUAL", "NOT_EQUAL", "GREATER", "GREATER_OR_EQUAL", "STARTS_WITH", "CONTAINS", "IS_NULL", "IS_NOT_NULL"],
    ),
    (&["1", "-1"], &["ASCENDING", "DESCENDING"]),
    (&["-1", "0", "1"], &["HIDDEN_FROM_DASHBOARD", "HIDDEN_FROM_WIDGET", "VISIBLE"]),
    (&["-1", "100", "200", "300", "400"], &["NEW", "QUEUED", "INDEXING", "INDEXED", "FAILED"]),
    (&["50", "100", "1000"], &["TEMPORARY", "NORMAL", "DELETED"]),
    (&["50", "100", "150", "200", "1000"], &["TEMPORARY", "UNSERVED", "ABANDONED", "SERVED", "CLOSED"]),
];

/// Adds identifiers to all enums that need them.
///
/// # Panics
///
/// Panics if an enum with such values is not listed, which tests rule out.
pub(super) fn add(node: &mut Value, spec: Spec) {
    match node {
        Value::Object(object) => {
            if let Some(Value::Array(values)) = object.get("enum") {
                let values: Vec<_> = values.iter().filter(|value| !value.is_null()).map(text).collect();
                if !values.iter().all(|value| is_identifier(value)) {
                    let known = ENUMS.iter().find(|(known, _)| *known == values);
                    let (_, names) = known.unwrap_or_else(|| panic!("the enum {values:?} has no identifiers"));
                    // Rust generators do not support the extension.
                    let collides =
                        values.iter().filter(|value| value.bytes().all(|byte| !byte.is_ascii_alphanumeric()));
                    if spec == Spec::V30 && collides.count() > 1 {
                        let pattern = values.iter().map(|value| regex::escape(value)).collect::<Vec<_>>().join("|");
                        object.remove("enum");
                        object.insert("pattern".to_owned(), json!(format!("^({pattern})$")));
                    } else {
                        object.insert(NAMES.to_owned(), json!(names));
                    }
                }
            }
            let parts = object.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "example" | "examples"));
            parts.for_each(|(_, part)| add(part, spec));
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| add(part, spec)),
        _ => {}
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_identifier(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
}
