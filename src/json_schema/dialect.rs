//! Converts schemas from poem-openapi's dialect to that of a given OpenAPI version.

use serde_json::{Map, Value, json};

/// The OpenAPI version of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spec {
    V30,
    V31,
}

/// Converts a schema written by poem-openapi to the dialect of `spec`.
pub(crate) fn json_schema(schema: &mut Value, spec: Spec) {
    finish_schema(schema, spec, &Value::Null);
}

/// Like [`json_schema`], with references resolved in `schemas`.
pub(crate) fn finish_schema(schema: &mut Value, spec: Spec, schemas: &Value) {
    let Some(object) = schema.as_object_mut() else { return };
    for key in ["allOf", "anyOf", "oneOf"] {
        for part in object.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            finish_schema(part, spec, schemas);
        }
    }
    for key in ["items", "additionalProperties", "not"] {
        if let Some(part) = object.get_mut(key) {
            finish_schema(part, spec, schemas);
        }
    }
    for (_, part) in object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        finish_schema(part, spec, schemas);
    }
    let is = |object: &Map<String, Value>, kind| object.get("type") == Some(&json!(kind));
    if is(object, "object")
        && (object.contains_key("anyOf") || object.contains_key("oneOf"))
        && !object.contains_key("properties")
    {
        object.remove("type");
    }
    if is(object, "array") {
        for (wrong, right) in [("maxLength", "maxItems"), ("minLength", "minItems")] {
            if let Some(limit) = object.remove(wrong) {
                object.insert(right.into(), limit);
            }
        }
    }
    if is(object, "integer") {
        integer(object);
    }
    for key in ["maximum", "minimum", "multipleOf"] {
        if let Some(whole) =
            object.get(key).filter(|limit| limit.is_f64()).and_then(Value::as_f64).filter(|limit| limit.fract() == 0.0)
        {
            #[expect(clippy::cast_possible_truncation, reason = "bounds of 64-bit types are the largest that occur")]
            object.insert(key.into(), json!(whole as i64));
        }
    }
    references(object, spec, schemas);
    match spec {
        Spec::V31 => modern(object),
        Spec::V30 => {
            if object.get("nullable") == Some(&json!(true))
                && let Some(Value::Array(values)) = object.get_mut("enum")
            {
                values.push(Value::Null);
            }
        }
    }
}

/// Replaces the formats of Rust's integers, which no tool knows, with explicit bounds and standard formats.
fn integer(object: &mut Map<String, Value>) {
    let (low, high, format) = match object.get("format").and_then(Value::as_str) {
        Some("int8") => (i8::MIN.into(), i8::MAX.into(), "int32"),
        Some("int16") => (i16::MIN.into(), i16::MAX.into(), "int32"),
        Some("uint8") => (0, u8::MAX.into(), "int32"),
        Some("uint16") => (0, u16::MAX.into(), "int32"),
        Some("uint32") => (0, u32::MAX.into(), "int64"),
        Some("uint64") => (0, i64::MAX, "int64"),
        None => {
            let format = if object.contains_key("enum") { "int32" } else { "int64" };
            object.insert("format".into(), json!(format));
            return;
        }
        Some(_) => return,
    };
    object.insert("format".into(), json!(format));
    if !object.contains_key("enum") {
        object.entry("minimum").or_insert(json!(low));
        object.entry("maximum").or_insert(json!(high));
    }
}

/// poem-openapi writes `allOf: [reference, a copy of the siblings]` next to those siblings, which trips up code
/// generators.
fn references(object: &mut Map<String, Value>, spec: Spec, schemas: &Value) {
    let Some(Value::Array(parts)) = object.get("allOf").cloned() else { return };
    match &parts[..] {
        [reference, copy] if reference.get("$ref").is_some() && copy.get("$ref").is_none() => {
            let nullable = object.remove("nullable") == Some(json!(true));
            object.remove("allOf");
            match (spec, nullable) {
                (Spec::V31, true) => drop(object.insert("anyOf".into(), json!([reference, {"type": "null"}]))),
                (Spec::V31, false) => drop(object.insert("$ref".into(), reference["$ref"].clone())),
                (Spec::V30, nullable) => {
                    if nullable {
                        let name =
                            reference["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
                        let kind = schemas.get(name).and_then(|schema| schema.get("type")).cloned();
                        object.insert("type".into(), kind.unwrap_or(json!("object")));
                        object.insert("nullable".into(), json!(true));
                    }
                    object.insert("allOf".into(), json!([reference]));
                }
            }
        }
        [only] if only.get("$ref").is_none() => {
            object.remove("allOf");
            for (key, value) in only.as_object().into_iter().flatten() {
                object.entry(key).or_insert(value.clone());
            }
        }
        _ => {}
    }
}

/// The differences between 3.1 and 3.0.
fn modern(object: &mut Map<String, Value>) {
    if object.remove("nullable") == Some(json!(true)) {
        if let Some(kind) = object.get("type").filter(|kind| kind.is_string()).cloned() {
            object.insert("type".into(), json!([kind, "null"]));
        }
        if let Some(Value::Array(values)) = object.get_mut("enum") {
            values.push(Value::Null);
        }
    }
    for (limit, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        match object.get(exclusive) {
            Some(Value::Bool(true)) => {
                let limit = object.remove(limit).unwrap_or_default();
                object.insert(exclusive.into(), limit);
            }
            Some(Value::Bool(false)) => drop(object.remove(exclusive)),
            _ => {}
        }
    }
    if let Some(example) = object.remove("example") {
        object.insert("examples".into(), json!([example]));
    }
    if object.get("format") == Some(&json!("binary")) {
        object.insert("contentMediaType".into(), json!("application/octet-stream"));
    }
}

/// Makes optional properties nullable: in a request body, `null` means the same as absence.
pub(crate) fn allow_null(schema: &mut Value) {
    let required = schema["required"].clone();
    let required: Vec<_> = required.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        if !required.contains(&name.as_str()) {
            property["nullable"] = json!(true);
        }
    }
}
