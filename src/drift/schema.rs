//! The values that the schemas of a document allow at a location. Alternatives are combined: a value is allowed if any
//! of them allows it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Maximum depth of references and alternatives at a location.
const DEPTH: usize = 16;

/// The values allowed at a location.
#[derive(Default)]
pub(super) struct Allowed<'a> {
    /// Empty if every type is allowed.
    pub(super) types: BTreeSet<&'a str>,
    pub(super) fields: BTreeMap<&'a str, Vec<&'a Value>>,
    /// The fields that all alternatives require.
    pub(super) required: Option<BTreeSet<&'a str>>,
    /// The schemas of unnamed fields.
    pub(super) others: Vec<&'a Value>,
    /// Whether unnamed fields are allowed without a schema.
    pub(super) is_open: bool,
    pub(super) items: Vec<&'a Value>,
    /// The allowed values as JSON, if all alternatives list them.
    pub(super) values: Option<BTreeSet<String>>,
    has_free_text: bool,
}

impl<'a> Allowed<'a> {
    /// The values that the alternatives allow in combination. References are resolved in `schemas`.
    pub(super) fn of(alternatives: &[&'a Value], schemas: &'a Value) -> Self {
        let mut allowed = Self::default();
        for schema in alternatives {
            allowed.add(schema, schemas, DEPTH);
        }
        if allowed.has_free_text {
            allowed.values = None;
        }
        allowed
    }

    fn add(&mut self, schema: &'a Value, schemas: &'a Value, depth: usize) {
        if depth == 0 {
            return;
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            self.add(&schemas[name], schemas, depth - 1);
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for part in schema[key].as_array().into_iter().flatten() {
                self.add(part, schemas, depth - 1);
            }
        }
        match &schema["type"] {
            Value::String(kind) => self.types.extend([kind.as_str()]),
            Value::Array(kinds) => self.types.extend(kinds.iter().filter_map(Value::as_str)),
            _ => {}
        }
        if schema["nullable"] == true {
            self.types.insert("null");
        }
        let is_text = ["string", "integer", "number"].iter().any(|kind| schema_has(schema, kind));
        match schema["enum"].as_array().cloned().or_else(|| schema.get("const").map(|value| vec![value.clone()])) {
            Some(values) => {
                if values.iter().any(Value::is_null) {
                    self.types.insert("null");
                }
                self.values.get_or_insert_default().extend(values.iter().map(Value::to_string));
            }
            None if is_text => self.has_free_text = true,
            None => {}
        }
        self.add_fields(schema);
        if schema["items"].is_object() {
            self.items.push(&schema["items"]);
        }
    }

    fn add_fields(&mut self, schema: &'a Value) {
        let fields = schema["properties"].as_object();
        for (name, property) in fields.into_iter().flatten() {
            self.fields.entry(name).or_default().push(property);
        }
        if fields.is_some() {
            let required: BTreeSet<_> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            self.required = Some(match self.required.take() {
                Some(known) => known.intersection(&required).copied().collect(),
                None => required,
            });
        }
        match &schema["additionalProperties"] {
            Value::Object(_) => self.others.push(&schema["additionalProperties"]),
            Value::Bool(true) => self.is_open = true,
            // An object without described properties.
            Value::Null if schema_has(schema, "object") && fields.is_none() => self.is_open = true,
            _ => {}
        }
    }

    /// Whether a type is allowed.
    pub(super) fn allows(&self, kind: &str) -> bool {
        self.types.is_empty() || self.types.contains(kind) || kind == "integer" && self.types.contains("number")
    }

    /// The types as a text.
    pub(super) fn told(&self) -> String {
        self.types.iter().copied().collect::<Vec<_>>().join(" or ")
    }
}

fn schema_has(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|known| known == kind))
}
