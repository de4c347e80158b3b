//! The JSON Schema of the full form, as needed to complete documents: dates, required fields, and known names.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::state::fixture;

static SCHEMA: LazyLock<Value> = LazyLock::new(fixture::schema);

/// The kind of a value, according to its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Date,
    /// An object in an array or a field of a document.
    Part,
}

/// The schema of an object.
#[derive(Clone, Copy)]
pub(super) struct Shape(&'static Value);

/// The shape of the documents of a collection.
pub(super) fn of(collection: &str) -> Shape {
    Shape(resolved(&SCHEMA["properties"][collection]["items"]))
}

impl Shape {
    /// Names of all fields.
    pub(super) fn fields(self) -> impl Iterator<Item = &'static str> {
        self.properties().into_iter().flat_map(Map::keys).map(String::as_str)
    }

    pub(super) fn has(self, field: &str) -> bool {
        self.properties().is_some_and(|fields| fields.contains_key(field))
    }

    /// Names of the required fields.
    pub(super) fn required(self) -> impl Iterator<Item = &'static str> {
        self.0["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// The default of a field.
    pub(super) fn default(self, field: &str) -> Option<&'static Value> {
        self.properties()?.get(field)?.get("default")
    }

    fn properties(self) -> Option<&'static Map<String, Value>> {
        self.0["properties"].as_object()
    }

    /// Visits the values of an object whose kind is known, from outside to inside, with their pointers.
    pub(super) fn visit(
        self,
        fields: &mut Map<String, Value>,
        pointer: &str,
        visit: &mut dyn FnMut(Kind, Shape, &mut Value, &str),
    ) {
        for (name, value) in fields {
            if let Some(schema) = self.properties().and_then(|fields| fields.get(name)) {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(schema, value, &format!("{pointer}/{name}"), visit);
            }
        }
    }
}

fn walk(
    schema: &'static Value,
    value: &mut Value,
    pointer: &str,
    visit: &mut dyn FnMut(Kind, Shape, &mut Value, &str),
) {
    let schema = resolved(schema);
    let is = |kind: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|known| known == kind),
        known => known == kind,
    };
    if is("string") {
        let kind = if schema["format"] == "date-time" { Kind::Date } else { Kind::Text };
        visit(kind, Shape(schema), value, pointer);
    } else if is("array") {
        for (at, element) in value.as_array_mut().into_iter().flatten().enumerate() {
            walk(&schema["items"], element, &format!("{pointer}/{at}"), visit);
        }
    } else if schema["properties"].is_object() {
        visit(Kind::Part, Shape(schema), value, pointer);
        if let Value::Object(fields) = value {
            Shape(schema).visit(fields, pointer, visit);
        }
    }
}

/// A schema without references, and without the alternative `null`.
fn resolved(schema: &'static Value) -> &'static Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return resolved(&SCHEMA["$defs"][name]);
    }
    let mut others = schema["anyOf"].as_array().into_iter().flatten().filter(|other| other["type"] != "null");
    match (others.next(), others.next()) {
        (Some(only), None) => resolved(only),
        _ => schema,
    }
}
