//! Defaults of query parameters in the exported documents.

use serde_json::{Value, json};

use crate::json_schema::dialect::Spec;

/// Default page sizes by operation.
const LIMITS: [(&str, u32); 9] = [
    ("list_activities", 40),
    ("list_requests", 40),
    ("list_own_requests", 40),
    ("export_requests_csv", 100_000),
    ("list_leads", 40),
    ("export_leads_csv", 100_000),
    ("list_segments", 40),
    ("list_faqs", 3_000),
    ("list_project_messages", 10),
];

/// Other defaults, by operation and parameter.
const OTHERS: [(&str, &str, u32); 2] =
    [("list_leads", "status", 100), ("get_average_waiting_time", "last", 30 * 24 * 60 * 60)];

/// Declares the defaults of query parameters.
pub(super) fn add_defaults(document: &mut Value, spec: Spec) {
    let items = document["paths"].as_object_mut().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    for (_, node) in operations {
        let id = node["operationId"].as_str().unwrap_or_default().to_owned();
        let parameters = node.get_mut("parameters").and_then(Value::as_array_mut);
        let parameters: Vec<_> = parameters.into_iter().flatten().collect();
        // Lists that are not sorted by `createdAt` declare their directions differently.
        let is_sorted = parameters.iter().any(|parameter| reference(&parameter["schema"]).ends_with("/SortDirection"));
        for parameter in parameters.into_iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap_or_default();
            let limit = || LIMITS.iter().find(|(known, _)| *known == id).map(|(_, limit)| json!(limit));
            let other = OTHERS.iter().find(|(operation, known, _)| *operation == id && *known == name);
            let default = match name {
                "page" if parameter["schema"]["type"] == "integer" => Some(json!(0)),
                "limit" => limit(),
                "sortField" if is_sorted => Some(json!("createdAt")),
                "direction" if is_sorted => Some(json!("-1")),
                "lastdays" => Some(json!(if id == "aggregate_requests_by_source_page" { 30 } else { 7 })),
                "timezone" if parameter["description"].as_str().is_some_and(|text| text.contains("UTC")) => {
                    Some(json!("UTC"))
                }
                "mode" => Some(json!("csv")),
                _ => other.map(|(_, _, default)| json!(default)),
            };
            if let Some(default) = default {
                set(&mut parameter["schema"], default, spec);
            }
        }
    }
}

fn reference(schema: &Value) -> &str {
    schema["$ref"].as_str().unwrap_or_default()
}

/// Sets the default of a schema. OpenAPI 3.0 ignores siblings of a reference.
fn set(schema: &mut Value, default: Value, spec: Spec) {
    if spec == Spec::V30 && schema["$ref"].is_string() {
        *schema = json!({"allOf": [schema.take()]});
    }
    schema["default"] = default;
}
