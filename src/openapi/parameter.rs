//! Defaults, examples, and patterns of parameters in the exported documents.

use serde_json::{Value, json};

use super::export::operation_nodes;
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

/// Path parameters that are not always identifiers, by operation.
const PATTERNS: [(&str, &str, &str); 3] = [
    ("import_bot_json", "bot_id", "^([0-9a-fA-F]{24}|null)$"),
    ("update_faq", "faq_id", "^([0-9a-fA-F]{24}|intentId.+)$"),
    ("delete_faq", "faq_id", "^([0-9a-fA-F]{24}|intentId.+)$"),
];

/// Examples of optional query parameters by name, with values of the default world.
const EXAMPLES: [(&str, &str); 33] = [
    ("agent_id", "5aaa99024c3b110014b478f0"),
    ("attributes_answerid", "5be9b2ecc72a050015e14951"),
    ("bot_id", "65c5f3599faf2d04cd7da528"),
    ("call_id", "call-1"),
    ("called", "+390212345678"),
    ("caller", "+390287654321"),
    ("channel", "chat21"),
    ("department", "5df2240cd000000000000004"),
    ("department_id", "5b55e806c93dde00143163df"),
    ("departmentid", "5b55e806c93dde00143163df"),
    ("dept_id", "5b55e806c93dde00143163df"),
    ("email", "andrea.leo@f21.it"),
    ("end_date", "31/12/2019"),
    ("end_date_time", "31/12/2019 23:59:59"),
    ("full_text", "hello"),
    ("id_faq_kb", "5be9b2ecc72a050015e14951"),
    ("intent_display_name", "start"),
    ("lang", "it"),
    ("language", "en"),
    ("lead", "6346cbe138c343d545cf8090"),
    ("member", "5aaa99024c3b110014b478f0"),
    ("participant", "5aaa99024c3b110014b478f0"),
    ("priority", "normal"),
    ("project_user", "5b55e8060000000000000002"),
    ("role", "agent"),
    ("search", "hello"),
    ("sender", "5aaa99024c3b110014b478f0"),
    ("start_date", "01/01/2019"),
    ("start_date_time", "01/01/2019 00:00:00"),
    ("tags", "vip"),
    ("text", "hello"),
    ("ticket_id", "4"),
    ("workingStatus", "open"),
];

/// Replaces the patterns of path parameters that are not always identifiers.
pub(super) fn set_patterns(document: &mut Value) {
    for node in operation_nodes(document) {
        let id = node["operationId"].as_str().unwrap_or_default().to_owned();
        for parameter in node.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let known = PATTERNS.iter().find(|(operation, name, _)| *operation == id && parameter["name"] == *name);
            if let Some((.., pattern)) = known {
                parameter["schema"]["pattern"] = json!(pattern);
            }
        }
    }
}

/// Sets the examples of optional query parameters, which importers send along: the default, or a harmless value.
pub(super) fn add_examples(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    for node in operation_nodes(document) {
        for parameter in node.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            if parameter["in"] == "query" && parameter["required"] != true {
                let example = harmless(parameter, &schemas);
                let parameter = parameter.as_object_mut().expect("a parameter is an object");
                match example {
                    Some(example) => drop(parameter.insert("example".to_owned(), example)),
                    // An example that changes what a call does is worse than none.
                    None if parameter["description"].as_str().is_some_and(|text| text.contains("Any value")) => {
                        parameter.shift_remove("example");
                    }
                    None => {}
                }
            }
        }
    }
}

fn harmless(parameter: &Value, schemas: &Value) -> Option<Value> {
    let name = parameter["name"].as_str().unwrap_or_default();
    let schema = &parameter["schema"];
    let target = [schema, &schema["allOf"][0]].into_iter().find_map(|schema| schema["$ref"].as_str());
    let target = target.and_then(|path| path.rsplit('/').next()).map_or(schema, |name| &schemas[name]);
    let known = || EXAMPLES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let is_flag = parameter["description"].as_str().is_some_and(|text| text.starts_with("`true` "));
    match schema.get("default") {
        Some(default) => Some(default.clone()),
        None if is_flag && target["type"] == "string" => Some(json!("false")),
        None => match target["type"].as_str()? {
            "boolean" => Some(json!(false)),
            "integer" | "number" | "string" if target["enum"].is_array() => Some(target["enum"][0].clone()),
            "integer" | "number" if name == "limit" => Some(json!(20)),
            "number" => Some(json!(60)),
            "string" => parameter.get("example").is_none().then(known)?.map(|value| json!(value)),
            "array" => parameter.get("example").is_none().then(known)?.map(|value| json!([value])),
            _ => None,
        },
    }
}

/// Declares the defaults of query parameters.
pub(super) fn add_defaults(document: &mut Value, spec: Spec) {
    for node in operation_nodes(document) {
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
