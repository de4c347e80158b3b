//! Examples of parameters, taken from the documented exchanges.

use std::cmp::Reverse;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::{
    example::Example,
    http::path::{canonical, version},
};

/// Sets the examples of an operation's parameters to values from successful exchanges. Exchanges that need only the
/// default world and the documented login take precedence, so that an imported collection calls what exists.
pub(super) fn show(node: &mut Value, template: &str, examples: &[&Example]) {
    let mut succeeded: Vec<_> = examples.iter().filter(|example| example.status < 300).collect();
    succeeded.sort_by_key(|example| {
        let is_simple = (example.is_of_default_world, example.is_of_default_login);
        (Reverse(is_simple), !example.is_shown, example.name != "documented")
    });
    for parameter in node.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let shown = match parameter["in"].as_str() {
            Some("path") => succeeded.iter().find_map(|example| in_path(template, name, &example.path)),
            Some("query") => succeeded.iter().find_map(|example| in_query(name, &parameter["schema"], &example.path)),
            _ => None,
        };
        if let Some(shown) = shown {
            parameter["example"] = shown;
        }
    }
}

fn in_path(template: &str, name: &str, sent: &str) -> Option<Value> {
    let sent = sent.split('?').next().unwrap_or_default();
    let mut words = canonical(version(sent).1).split('/');
    let mut placeholders = template.split('/').map(|word| word.strip_prefix('{')?.strip_suffix('}'));
    let word = words.by_ref().nth(placeholders.position(|placeholder| placeholder == Some(name))?)?;
    Some(json!(percent_decode_str(word).decode_utf8_lossy()))
}

fn in_query(name: &str, schema: &Value, sent: &str) -> Option<Value> {
    let (_, query) = sent.split_once('?')?;
    let mut values =
        form_urlencoded::parse(query.as_bytes()).filter(|(given, _)| given == name).map(|(_, value)| value);
    match schema["type"].as_str() {
        Some("array") => Some(values.collect::<Vec<_>>()).filter(|all| !all.is_empty()).map(|all| json!(all)),
        Some("integer" | "number" | "boolean") => values.next().and_then(|value| serde_json::from_str(&value).ok()),
        _ => values.next().filter(|value| !value.is_empty()).map(|value| json!(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_extracted_from_request_targets() {
        let sent = "/v2/5b55/leads/a%2Fb/tag/vip?limit=5&tags=a&tags=b&empty=&name=A+B";
        let template = "/{project_id}/leads/{lead_id}/tag/{tag}";
        for (name, value) in [("project_id", "5b55"), ("lead_id", "a/b"), ("tag", "vip")] {
            assert_eq!(in_path(template, name, sent), Some(json!(value)));
        }
        assert_eq!(in_path(template, "other", sent), None);
        for (name, kind, value) in [
            ("limit", "integer", json!(5)),
            ("tags", "array", json!(["a", "b"])),
            ("name", "string", json!("A B")),
            ("empty", "string", Value::Null),
            ("other", "string", Value::Null),
        ] {
            assert_eq!(in_query(name, &json!({"type": kind}), sent).unwrap_or_default(), value, "{name}");
        }
    }
}
