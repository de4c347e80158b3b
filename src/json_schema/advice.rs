//! Advice on unknown fields: suggests the field that was probably meant, or where a field of that name belongs.

use serde_json::Value;

use crate::value::{error::Violation, suggest::closest};

/// The reason reported for a field that is not in the schema.
pub(crate) const UNKNOWN: &str = "unknown field";

/// Maximum depth of the search for fields.
const DEPTH: usize = 3;

/// Maximum number of fields listed when none is similar.
const LISTED: usize = 12;

/// A field of a schema.
struct Field<'a> {
    /// The names of the enclosing objects, outermost first.
    at: Vec<&'a str>,
    name: &'a str,
    schema: &'a Value,
}

impl Field<'_> {
    fn pointer(&self) -> String {
        let names = self.at.iter().chain([&self.name]);
        names.flat_map(|name| ["/", name]).collect()
    }
}

/// Adds advice to each violation about a field that is not in `schema`. References are resolved in `schemas`.
pub(crate) fn give(schema: &Value, schemas: &Value, violations: &mut [Violation]) {
    let mut unknown = violations.iter_mut().filter(|violation| violation.reason.as_deref() == Some(UNKNOWN)).peekable();
    if unknown.peek().is_none() {
        return;
    }
    let mut known = Vec::new();
    collect(schema, schemas, &[], DEPTH, &mut known);
    for violation in unknown {
        violation.reason = Some(format!("{UNKNOWN}{}", advice(&violation.field, &known, schemas)));
    }
}

fn advice(field: &str, known: &[Field<'_>], schemas: &Value) -> String {
    let is_index = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let mut at: Vec<_> = field.split('.').filter(|name| !is_index(name)).collect();
    let name = at.pop().unwrap_or_default();
    if let Some(elsewhere) = known.iter().find(|known| known.name == name) {
        let options = options(elsewhere.schema, schemas);
        let options = if options.is_empty() { String::new() } else { format!(", with one of {}", options.join(", ")) };
        return format!("; expected it at `{}`{options}", elsewhere.pointer());
    }
    let siblings: Vec<_> = known.iter().filter(|known| known.at == at).map(|known| known.name).collect();
    if let Some(name) = closest(name, siblings.iter().copied()) {
        return format!("; did you mean `{name}`?");
    }
    let name = closest(name, known.iter().map(|known| known.name));
    if let Some(elsewhere) = known.iter().find(|known| name == Some(known.name)) {
        return format!("; did you mean `{}`?", elsewhere.pointer());
    }
    if (1..=LISTED).contains(&siblings.len()) {
        return format!("; expected one of `{}`", siblings.join("`, `"));
    }
    String::new()
}

fn collect<'a>(schema: &'a Value, schemas: &'a Value, at: &[&'a str], depth: usize, found: &mut Vec<Field<'a>>) {
    if depth == 0 {
        return;
    }
    for part in parts(schema, schemas) {
        collect(part, schemas, at, depth, found);
    }
    if schema["items"].is_object() {
        collect(&schema["items"], schemas, at, depth, found);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        found.push(Field { at: at.to_vec(), name, schema: property });
        collect(property, schemas, &[at, &[name]].concat(), depth - 1, found);
    }
}

/// The schemas that a schema references or is composed of.
fn parts<'a>(schema: &'a Value, schemas: &'a Value) -> impl Iterator<Item = &'a Value> {
    let reference = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).map(|name| &schemas[name]);
    let composed = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|key| schema[key].as_array().into_iter().flatten());
    reference.into_iter().chain(composed)
}

/// The allowed values of a field, if it is an enumeration.
fn options(schema: &Value, schemas: &Value) -> Vec<String> {
    let own = schema["enum"].as_array().into_iter().flatten().filter(|option| !option.is_null());
    let own = own.map(ToString::to_string);
    own.chain(parts(schema, schemas).flat_map(|part| options(part, schemas))).collect()
}
