//! Unions in a form that generators handle: unions of components are components themselves, and unions of anything
//! else are values of any type.

use serde_json::{Map, Value, json};

use crate::json_schema::dialect::Spec;

const PREFIX: &str = "#/components/schemas/";

/// Names or removes all unions of a document.
pub(super) fn simplify(document: &mut Value, spec: Spec) {
    let schemas = document["components"]["schemas"].clone();
    let mut named = Map::new();
    visit(document, &schemas, &mut named, spec);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.extend(named);
    }
}

fn visit(node: &mut Value, schemas: &Value, named: &mut Map<String, Value>, spec: Spec) {
    match node {
        Value::Object(object) => {
            let parts = object.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "example" | "examples"));
            parts.for_each(|(_, part)| visit(part, schemas, named, spec));
            let Some(Value::Array(branches)) = object.get("anyOf") else { return };
            let branches: Vec<_> = branches.iter().filter(|branch| branch["type"] != "null").cloned().collect();
            if branches.len() < 2 {
                return;
            }
            object.remove("anyOf");
            let component = match &branches[..] {
                [reference, free] if is_free(free) => possible(reference, schemas),
                _ => union(&branches),
            };
            let Some((name, schema)) = component else { return };
            let reference = json!(format!("{PREFIX}{name}"));
            named.insert(name, schema);
            // OpenAPI 3.0 ignores siblings of a reference.
            if spec == Spec::V30 && !object.is_empty() {
                object.insert("allOf".to_owned(), json!([{"$ref": reference}]));
            } else {
                object.insert("$ref".to_owned(), reference);
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| visit(part, schemas, named, spec)),
        _ => {}
    }
}

fn is_free(schema: &Value) -> bool {
    schema["type"] == "object" && schema["properties"].is_null()
}

fn name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(PREFIX)
}

/// A component that may be an empty object.
fn possible(reference: &Value, schemas: &Value) -> Option<(String, Value)> {
    let name = name(reference)?;
    let mut schema = schemas[name].clone();
    let described = schema["description"].as_str().unwrap_or(name).trim_end_matches('.');
    schema["description"] = json!(format!("{described}, or an empty object."));
    schema["title"] = json!(format!("Possible{name}"));
    schema.as_object_mut()?.remove("required");
    Some((format!("Possible{name}"), schema))
}

/// A component for a union that has at least one component.
fn union(branches: &[Value]) -> Option<(String, Value)> {
    let names: Vec<_> = branches.iter().map(|branch| name(branch).or(text(branch))).collect::<Option<_>>()?;
    branches.iter().any(|branch| name(branch).is_some()).then_some(())?;
    let described = format!("One of {}.", names.join(" and "));
    Some((names.join("Or"), json!({"description": described, "anyOf": branches})))
}

fn text(branch: &Value) -> Option<&'static str> {
    (branch["type"] == "string").then_some("Text")
}
