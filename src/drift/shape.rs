//! The shape of the values at a location: their types, fields, and items.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Maximum number of recorded values, and of recorded fields per object.
const MOST: usize = 1_000;

/// Maximum depth of nested values.
const DEPTH: usize = 24;

/// The shape of all values at a location.
#[derive(Default)]
pub(super) struct Shape {
    /// The types, each with the first file that contains it.
    pub(super) types: BTreeMap<&'static str, String>,
    /// Texts and numbers as JSON, each with the first file that contains it.
    pub(super) values: BTreeMap<String, String>,
    /// Number of objects.
    pub(super) objects: usize,
    /// The fields of the objects: the number of objects that have them, and their shape.
    pub(super) fields: BTreeMap<String, (usize, Shape)>,
    /// The shape of the items of lists.
    pub(super) items: Option<Box<Shape>>,
}

impl Shape {
    /// Adds a value from a file, except at locations for which `is_left_out` returns true.
    pub(super) fn add(&mut self, value: &Value, file: &str, at: &str, is_left_out: &impl Fn(&str) -> bool) {
        self.look(value, file, at, is_left_out, DEPTH);
    }

    fn look(&mut self, value: &Value, file: &str, at: &str, is_left_out: &impl Fn(&str) -> bool, depth: usize) {
        if depth == 0 || is_left_out(at) {
            return;
        }
        self.types.entry(kind(value)).or_insert_with(|| file.to_owned());
        match value {
            Value::Object(fields) => {
                self.objects += 1;
                for (name, value) in fields {
                    let at = format!("{at}/{name}");
                    if !is_left_out(&at) && (self.fields.len() < MOST || self.fields.contains_key(name)) {
                        let (count, shape) = self.fields.entry(name.clone()).or_default();
                        *count += 1;
                        shape.look(value, file, &at, is_left_out, depth - 1);
                    }
                }
            }
            Value::Array(items) => {
                let shape = self.items.get_or_insert_default();
                for (index, item) in items.iter().enumerate() {
                    shape.look(item, file, &format!("{at}/{index}"), is_left_out, depth - 1);
                }
            }
            Value::String(_) | Value::Number(_) if self.values.len() < MOST => {
                self.values.entry(value.to_string()).or_insert_with(|| file.to_owned());
            }
            _ => {}
        }
    }

    /// The types as a text.
    pub(super) fn told(&self) -> String {
        self.types.keys().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" or ")
    }
}

/// The JSON type of a value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(|number| number.fract() != 0.0) => {
            "number"
        }
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
