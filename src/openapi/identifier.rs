//! Deduplication of identifiers. Documents carry theirs as both `_id` and `id`, which generators turn into two fields
//! with the same name. The exported documents declare and show only `_id`.

use serde_json::{Value, json};

/// Removes `id` from schemas and examples that have `_id`.
pub(super) fn declare_once(document: &mut Value) {
    match document {
        Value::Object(object) => {
            let requires =
                |name| object["required"].as_array().is_some_and(|all| all.iter().any(|known| known == name));
            // The actor of an activity has an `id` that differs from the `_id` of the subdocument.
            let differs = object.contains_key("required") && requires("id") && !requires("_id");
            if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut)
                && properties.contains_key("_id")
                && differs
            {
                properties["_id"]["x-go-name"] = json!("OwnId");
            } else if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut)
                && properties.contains_key("_id")
                && properties.shift_remove("id").is_some()
            {
                let described = properties["_id"]["description"].as_str().unwrap_or("Identifier.").to_owned();
                properties["_id"]["description"] = json!(format!("{described} Responses repeat it as `id`."));
                if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
                    required.retain(|name| name != "id");
                }
            }
            for (name, part) in object {
                if name == "examples" && part.is_object() {
                    let examples = part.as_object_mut().into_iter().flatten();
                    examples.filter_map(|(_, example)| example.get_mut("value")).for_each(show_once);
                } else {
                    declare_once(part);
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(declare_once),
        _ => {}
    }
}

/// Removes `_id` from schemas where `id` differs from it and is the one that callers need.
pub(super) fn keep_own(node: &mut Value) {
    match node {
        Value::Object(object) => {
            if object.get("properties").is_some_and(|properties| properties["_id"]["x-go-name"].is_string())
                && let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut)
            {
                properties.shift_remove("_id");
                let text = properties["id"]["description"].as_str().unwrap_or("Identifier.").to_owned();
                let remark = "Responses also carry the `_id` of the subdocument, which differs.";
                properties["id"]["description"] = json!(format!("{text} {remark}"));
            }
            object.iter_mut().for_each(|(_, part)| keep_own(part));
        }
        Value::Array(parts) => parts.iter_mut().for_each(keep_own),
        _ => {}
    }
}

fn show_once(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.contains_key("id") && object.get("id") == object.get("_id") {
                object.shift_remove("id");
            }
            object.values_mut().for_each(show_once);
        }
        Value::Array(items) => items.iter_mut().for_each(show_once),
        _ => {}
    }
}
