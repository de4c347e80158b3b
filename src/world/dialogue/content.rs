//! The fields of a message, checked before it is sent, so that all problems are reported at once.

use poem_openapi::types::ParseFromJSON;
use serde_json::{Map, Value, json};

use crate::{resource::message::schema::NewMessage, value::suggest, world::draft::found};

/// Fields of a message in a line.
pub(super) const CONTENT: [&str; 9] =
    ["text", "type", "metadata", "attributes", "language", "sender", "senderFullname", "status", "channel"];

/// The problems of the fields of a message, by name.
pub(super) fn problems(content: &Map<String, Value>, known: &[&str]) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    for (name, value) in content {
        if !known.contains(&name.as_str()) {
            problems.push((name.clone(), suggest::unknown("field", name, known.iter().copied())));
        } else if let Err(error) = NewMessage::parse_from_json(Some(json!({name.as_str(): value}))) {
            problems.push((name.clone(), told(&error.into_message(), value)));
        }
    }
    problems
}

/// The reason in an error about a value.
fn told(error: &str, value: &Value) -> String {
    let reason = error.split(" (occurred while parsing").next().unwrap_or_default();
    let kind = reason.strip_prefix("Expected input type \"").and_then(|rest| rest.split('"').next());
    match kind.map(|kind| kind.trim_start_matches("optional_")) {
        Some(kind) if kind.starts_with(char::is_uppercase) => format!("expected an object, found {}", found(value)),
        Some(kind) => {
            let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            format!("expected {article} {kind}, found {}", found(value))
        }
        None => format!("{reason}, found {}", found(value)),
    }
}
