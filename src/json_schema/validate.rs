//! Validates JSON against the schema of a type, to report every violation.
//!
//! The parser decides what is accepted. This runs only after it has failed, because a parser stops at the first error.

use std::{
    any::TypeId,
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use dashmap::DashMap;
use jsonschema::{
    JsonType, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseFromJSON, Type},
};
use serde_json::{Map, Number, Value, json};

use super::{
    advice,
    dialect::{Spec, allow_null, json_schema},
};
use crate::value::{
    Decimal,
    error::{Location, Violation},
    json,
};

/// All violations of `value` as a `T`. `reason` is the parser's error, reported if the schema finds none.
pub(crate) fn violations<T: ParseFromJSON + Type + 'static>(
    value: &Value,
    location: Location,
    reason: &str,
) -> Vec<Violation> {
    let described = Described {
        name: T::name,
        schema: T::schema_ref,
        register: T::register,
        fields: Fields::of::<T>,
        parses: |value| T::parse_from_json(Some(value)).is_ok(),
    };
    all_violations(&described, value, location, reason)
}

/// The schema of a type, with its type parameter erased so that the code below is compiled only once.
struct Described {
    name: fn() -> Cow<'static, str>,
    schema: fn() -> MetaSchemaRef,
    register: fn(&mut Registry),
    fields: fn() -> Fields,
    parses: fn(Value) -> bool,
}

fn all_violations(described: &Described, value: &Value, location: Location, reason: &str) -> Vec<Violation> {
    static VALIDATORS: LazyLock<DashMap<String, Arc<Validator>>> = LazyLock::new(DashMap::new);
    let validator = VALIDATORS
        .entry((described.name)().into_owned())
        .or_insert_with(|| Arc::new(compiled(&described.schema(Shape::AsDocumented))))
        .clone();
    let mut all: Vec<_> = validator.iter_errors(value).flat_map(|error| violations_of(&error, location)).collect();
    if all.is_empty() {
        // Schemas do not say which types reject unknown fields; only the parser knows.
        let schema = described.schema(Shape::Closed);
        let closed = compiled(&schema);
        all = closed.iter_errors(value).flat_map(|error| violations_of(&error, location)).collect();
        advice::give(&schema["allOf"][0], &schema["components"]["schemas"], &mut all);
    }
    if all.is_empty() {
        let culprit = described.culprit(value);
        let (field, value) = culprit.map_or((String::new(), None), |(name, value)| (name.clone(), Some(value.clone())));
        all.push(Violation { value, field, location, reason: Some(told(reason).to_owned()), msg: None });
    }
    // The real API reports errors in the order of its validation rules, which is the order of the properties.
    let fields = (described.fields)();
    all.sort_by_key(|violation| fields.position(violation.field.split('.').next().unwrap_or_default()));
    all
}

/// A parser's error without the names of types, which mean nothing to the caller.
fn told(error: &str) -> &str {
    let reason = error.split(" (occurred while parsing").next().unwrap_or_default();
    reason.strip_prefix("failed to parse \"").and_then(|rest| rest.split_once("\": ")).map_or(reason, |(_, told)| told)
}

/// All violations found by a validator.
pub(crate) fn problems(validator: &Validator, value: &Value, location: Location) -> Vec<Violation> {
    validator.iter_errors(value).flat_map(|error| violations_of(&error, location)).collect()
}

/// Like [`problems`], for a body, with advice on unknown fields. References are resolved in `schemas`.
pub(crate) fn advised(validator: &Validator, value: &Value, schema: &Value, schemas: &Value) -> Vec<Violation> {
    let errors = validator.iter_errors(value);
    let mut violations: Vec<_> = errors.flat_map(|error| violations_of(&error, Location::Body)).collect();
    advice::give(schema, schemas, &mut violations);
    violations
}

/// How to interpret a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    AsDocumented,
    /// Objects allow only documented properties.
    Closed,
}

/// Makes objects reject undocumented properties.
pub(crate) fn close(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    for key in ["anyOf", "oneOf"] {
        object.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().for_each(close);
    }
    object.get_mut("items").into_iter().for_each(close);
    for (_, property) in object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        close(property);
    }
    let is_open = object.get("additionalProperties").is_none_or(|others| *others == json!(true));
    if is_open && object.contains_key("properties") {
        object.insert("additionalProperties".into(), json!(false));
    }
}

/// The properties of an object type, used to convert texts from forms and queries.
#[derive(Clone)]
pub(crate) struct Fields(Arc<MetaSchema>);

impl Fields {
    pub(crate) fn of<T: Type + 'static>() -> Self {
        static FIELDS: LazyLock<DashMap<TypeId, Fields>> = LazyLock::new(DashMap::new);
        if let Some(known) = FIELDS.get(&TypeId::of::<T>()) {
            return known.clone();
        }
        let fields = Self(Arc::new(Registry::new().create_fake_schema::<T>()));
        FIELDS.insert(TypeId::of::<T>(), fields.clone());
        fields
    }

    fn position(&self, name: &str) -> usize {
        self.0.properties.iter().position(|(known, _)| *known == name).unwrap_or(usize::MAX)
    }

    /// Whether the body can be omitted.
    pub(crate) fn all_optional(&self) -> bool {
        self.0.ty == "object" && self.0.required.is_empty()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.properties.iter().any(|(known, _)| *known == name)
    }

    pub(crate) fn is_object(&self, name: &str) -> bool {
        let field = self.0.properties.iter().find(|(known, _)| *known == name);
        matches!(field, Some((_, MetaSchemaRef::Inline(schema))) if schema.ty == "object")
    }

    /// Whether the Rust type of a property has this name.
    pub(crate) fn is_named(&self, name: &str, rust: &str) -> bool {
        let field = self.0.properties.iter().find(|(known, _)| *known == name);
        matches!(field, Some((_, MetaSchemaRef::Inline(schema))) if schema.rust_typename == Some(rust))
    }

    /// Converts `text` to the property's type. Text that does not convert stays text, which validation then rejects.
    pub(crate) fn typed(&self, name: &str, text: String) -> Value {
        let field = self.0.properties.iter().find(|(known, _)| *known == name);
        match field {
            Some((_, MetaSchemaRef::Inline(schema))) => match (schema.ty, serde_json::from_str(&text)) {
                ("integer" | "number", Ok(Value::Number(number))) => Value::Number(plain(number)),
                ("boolean", Ok(boolean @ Value::Bool(_))) => boolean,
                ("array", _) => Value::Array(vec![Value::String(text)]),
                _ => Value::String(text),
            },
            _ => Value::String(text),
        }
    }
}

impl Fields {
    /// Converts a field of a multipart form: text verbatim, any other type as JSON.
    pub(crate) fn decoded(&self, name: &str, text: String) -> Value {
        let field = self.0.properties.iter().find(|(known, _)| *known == name);
        match field {
            Some((_, MetaSchemaRef::Inline(schema))) if schema.ty == "string" => Value::String(text),
            _ => json::read(text.as_bytes()).unwrap_or(Value::String(text)),
        }
    }
}

impl Described {
    /// The field without which an object would parse.
    fn culprit<'a>(&self, value: &'a Value) -> Option<(&'a String, &'a Value)> {
        let object = value.as_object()?;
        object.iter().find(|(name, _)| {
            let mut others = object.clone();
            others.shift_remove(*name);
            (self.parses)(Value::Object(others))
        })
    }

    fn schema(&self, shape: Shape) -> Value {
        let mut registry = Registry::new();
        (self.register)(&mut registry);
        let mut schema = serde_json::to_value((self.schema)()).expect("a schema serializes to JSON");
        let mut schemas = serde_json::to_value(&registry.schemas).expect("schemas serialize to JSON");
        for schema in schemas.as_object_mut().into_iter().flat_map(Map::values_mut).chain([&mut schema]) {
            allow_null(schema);
            json_schema(schema, Spec::V31);
        }
        if shape == Shape::Closed {
            close(&mut schema);
            schemas.as_object_mut().into_iter().flatten().for_each(|(_, schema)| close(schema));
        }
        json!({"components": {"schemas": schemas}, "allOf": [schema]})
    }
}

/// A number of a query or a form, which is an integer if it is whole, as in a JSON body.
fn plain(number: Number) -> Number {
    let decimal = number.as_f64().filter(|_| number.is_f64()).and_then(|number| Decimal::from(number).number());
    decimal.unwrap_or(number)
}

fn compiled(schema: &Value) -> Validator {
    jsonschema::validator_for(schema).expect("the crate's own schemas are valid")
}

fn violations_of(error: &ValidationError<'_>, location: Location) -> Vec<Violation> {
    if let Some(errors) = beside_null(error.kind()) {
        return errors.iter().flat_map(|error| violations_of(error, location)).collect();
    }
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let at = error.instance_path().as_str().trim_start_matches('/').replace('/', ".");
            let unknown = |name: &String| Violation {
                value: error.instance().get(name).cloned(),
                field: if at.is_empty() { name.clone() } else { format!("{at}.{name}") },
                location,
                reason: Some(advice::UNKNOWN.to_owned()),
                msg: None,
            };
            unexpected.iter().map(unknown).collect()
        }
        _ => vec![violation(error, location)],
    }
}

/// The errors against the value's schema if it is nullable and the value is neither `null` nor valid.
fn beside_null(kind: &ValidationErrorKind) -> Option<&[ValidationError<'static>]> {
    let ValidationErrorKind::AnyOf { context } = kind else { return None };
    let [of_value, of_null] = &context[..] else { return None };
    let [only] = &of_null[..] else { return None };
    matches!(only.kind(), ValidationErrorKind::Type { kind: TypeKind::Single(JsonType::Null) }).then_some(of_value)
}

fn violation(error: &ValidationError<'_>, location: Location) -> Violation {
    let at = error.instance_path().as_str().trim_start_matches('/').replace('/', ".");
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let field = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
            Violation { value: None, field, location, reason: None, msg: None }
        }
        kind => {
            // The API's own validators give no reason. What only the fake validates gets one.
            let told = matches!(kind, ValidationErrorKind::MinLength { .. } | ValidationErrorKind::Pattern { .. });
            let reason = match kind {
                ValidationErrorKind::Enum { options } => Some(format!("expected one of {}", list(options))),
                ValidationErrorKind::Type { kind } => {
                    Some(format!("{} is not of type {}", error.instance(), types(kind)))
                }
                _ => (!told).then(|| error.to_string()),
            };
            Violation { value: Some(error.instance().clone().into_owned()), field: at, location, reason, msg: None }
        }
    }
}

/// The allowed types, without `null`, which stands for absence.
fn types(kind: &TypeKind) -> String {
    let all = match kind {
        TypeKind::Single(only) => return format!("\"{only}\""),
        TypeKind::Multiple(all) => all.remove(JsonType::Null),
    };
    all.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", ")
}

/// Formats the allowed values.
fn list(options: &Value) -> String {
    let options = options.as_array().into_iter().flatten().filter(|option| !option.is_null());
    options.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
