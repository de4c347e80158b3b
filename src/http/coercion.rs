//! Converts values of undocumented types like the reference server's schemas do.
//!
//! Parsing decides what is accepted; this runs only when parsing has failed.

use std::{
    any::TypeId,
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use dashmap::DashMap;
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde_json::Value;

use crate::value::{Decimal, Timestamp};

/// Converts `value` to the types that a `T` needs, and returns whether anything changed. Values that cannot be
/// converted stay as they are.
pub(super) fn coerce<T: Type + 'static>(value: &mut Value) -> bool {
    static SCHEMAS: LazyLock<DashMap<TypeId, Arc<Schemas>>> = LazyLock::new(DashMap::new);
    let schemas = SCHEMAS.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(Schemas::of::<T>())).clone();
    match (schemas.resolve(&schemas.root), value) {
        (Some(root), Value::Array(items)) => schemas.coerce_items(items, root),
        // A whole body is not wrapped in an array, unlike a field.
        (Some(root), value) if root.ty != "array" => schemas.coerce(value, &schemas.root),
        _ => false,
    }
}

/// The schema of a type, and the schemas that it refers to.
struct Schemas {
    root: MetaSchemaRef,
    named: BTreeMap<String, MetaSchema>,
}

impl Schemas {
    fn of<T: Type>() -> Self {
        let mut registry = Registry::new();
        T::register(&mut registry);
        Self { root: T::schema_ref(), named: registry.schemas }
    }

    fn resolve<'a>(&'a self, schema: &'a MetaSchemaRef) -> Option<&'a MetaSchema> {
        match schema {
            MetaSchemaRef::Inline(schema) => Some(schema),
            MetaSchemaRef::Reference(name) => self.named.get(name),
        }
    }

    fn coerce(&self, value: &mut Value, schema: &MetaSchemaRef) -> bool {
        let Some(schema) = self.resolve(schema).filter(|_| !value.is_null()) else { return false };
        let mut changed = false;
        for part in &schema.all_of {
            changed |= self.coerce(value, part);
        }
        changed |= self.choose(value, schema);
        changed
            | match value {
                Value::Object(_) if schema.ty == "object" => self.coerce_properties(value, schema),
                Value::Array(items) if schema.ty == "array" => self.coerce_items(items, schema),
                value if schema.ty == "array" => self.wrap(value, schema),
                value => match scalar(value, schema) {
                    Some(coerced) => {
                        *value = coerced;
                        true
                    }
                    None => false,
                },
            }
    }

    /// Uses the first alternative that admits the value, or else the first that it can be converted to.
    fn choose(&self, value: &mut Value, schema: &MetaSchema) -> bool {
        let choices = || schema.any_of.iter().chain(&schema.one_of);
        if let Some(admitting) = choices().find(|choice| self.admits(value, choice)) {
            return self.coerce(value, admitting);
        }
        choices().any(|choice| {
            let mut coerced = value.clone();
            let fits = self.coerce(&mut coerced, choice) && self.admits(&coerced, choice);
            if fits {
                *value = coerced;
            }
            fits
        })
    }

    /// Whether a value has a schema's type, regardless of its contents.
    fn admits(&self, value: &Value, schema: &MetaSchemaRef) -> bool {
        let Some(schema) = self.resolve(schema) else { return false };
        let is_of_type = match schema.ty {
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => schema.any_of.is_empty() && schema.one_of.is_empty() || self.is_chosen(value, schema),
        };
        is_of_type
            && schema.all_of.iter().all(|part| self.admits(value, part))
            && (schema.enum_items.is_empty() || schema.enum_items.contains(value))
    }

    fn is_chosen(&self, value: &Value, schema: &MetaSchema) -> bool {
        schema.any_of.iter().chain(&schema.one_of).any(|choice| self.admits(value, choice))
    }

    fn coerce_properties(&self, value: &mut Value, schema: &MetaSchema) -> bool {
        let Value::Object(object) = value else { return false };
        let mut changed = false;
        for (name, property) in object {
            let known = schema.properties.iter().find(|(known, _)| known == name).map(|(_, schema)| schema);
            if let Some(schema) = known.or(schema.additional_properties.as_deref()) {
                changed |= self.coerce(property, schema);
            }
        }
        changed
    }

    fn coerce_items(&self, items: &mut [Value], schema: &MetaSchema) -> bool {
        let Some(of_item) = &schema.items else { return false };
        items.iter_mut().fold(false, |changed, item| self.coerce(item, of_item) | changed)
    }

    /// Wraps a single value in an array where an array is expected.
    fn wrap(&self, value: &mut Value, schema: &MetaSchema) -> bool {
        let Some(of_item) = &schema.items else { return false };
        let mut item = value.clone();
        self.coerce(&mut item, of_item);
        let fits = self.admits(&item, of_item);
        if fits {
            *value = Value::Array(vec![item]);
        }
        fits
    }
}

/// Converts a scalar to the type of a schema.
fn scalar(value: &Value, schema: &MetaSchema) -> Option<Value> {
    let coerced = match schema.ty {
        // IDs are not converted. A minimum length of 0 marks strings for which the reference server accepts nothing
        // else.
        "string" if schema.pattern.is_some() || schema.min_length == Some(0) => None,
        "string" if schema.format == Some("date-time") => date(value),
        "string" => match value {
            Value::Number(number) => number.as_f64().map(|number| Decimal::from(number).text().into()),
            Value::Bool(boolean) => Some(boolean.to_string().into()),
            _ => None,
        },
        "integer" => number(value).filter(|number| number.is_i64() || number.is_u64()),
        "number" => number(value),
        "boolean" => boolean(value).map(Value::Bool),
        _ => None,
    };
    coerced.filter(|coerced| schema.enum_items.is_empty() || schema.enum_items.contains(coerced))
}

/// Converts milliseconds since 1970 to a date.
fn date(value: &Value) -> Option<Value> {
    let milliseconds = value.as_i64().filter(|milliseconds| (0..253_402_300_800_000).contains(milliseconds))?;
    Some(Timestamp::from_milliseconds(milliseconds).to_string().into())
}

/// Converts a number in quotes, or a boolean to 0 or 1.
fn number(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Bool(boolean) => return Some(u8::from(*boolean).into()),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    let number = match number.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => whole(&number[2..], 16),
        Some("0o") => whole(&number[2..], 8),
        Some("0b") => whole(&number[2..], 2),
        // Rust also parses the words "inf" and "nan".
        _ if number.bytes().any(|byte| byte.is_ascii_alphabetic() && !byte.eq_ignore_ascii_case(&b'e')) => None,
        _ => number.parse().ok(),
    };
    number
        .filter(|number: &f64| number.is_finite())
        .and_then(|number| Decimal::from(number).number())
        .map(Value::Number)
}

fn whole(digits: &str, radix: u32) -> Option<f64> {
    let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
    u32::from_str_radix(digits, radix).ok().map(f64::from)
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::String(text) => match &**text {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        },
        Value::Number(number) => match number.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::{Enum, Object};
    use serde_json::json;

    use super::*;
    use crate::value::{
        id::Id,
        primitive::{JsonObject, Text},
    };

    #[derive(Object)]
    struct Everything {
        text: Option<Text>,
        #[oai(validator(min_length = 0))]
        verbatim: Option<Text>,
        whole: Option<u32>,
        decimal: Option<Decimal>,
        truth: Option<bool>,
        texts: Option<Vec<Text>>,
        numbers: Option<Vec<i32>>,
        kind: Option<Kind>,
        free: Option<JsonObject>,
        moment: Option<Timestamp>,
        id: Option<Id<()>>,
        inner: Option<Box<Everything>>,
        all: Option<Vec<Everything>>,
    }

    #[derive(Enum)]
    #[oai(rename_all = "lowercase")]
    enum Kind {
        One,
    }

    fn coerced(mut value: Value) -> Value {
        coerce::<Everything>(&mut value);
        value
    }

    #[test]
    fn values_are_converted_to_the_type_of_the_schema() {
        for (field, sent, expected) in [
            ("text", json!(5), json!("5")),
            ("text", json!(5.5), json!("5.5")),
            ("text", json!(1e20), json!("100000000000000000000")),
            ("text", json!(1e21), json!("1e+21")),
            ("text", json!(1e-7), json!("1e-7")),
            ("text", json!(0.000_001), json!("0.000001")),
            ("text", json!(9_007_199_254_740_993_u64), json!("9007199254740992")),
            ("text", json!(-0.0), json!("0")),
            ("text", json!(true), json!("true")),
            ("whole", json!("3"), json!(3)),
            ("whole", json!(" 3 "), json!(3)),
            ("whole", json!("3.0"), json!(3)),
            ("whole", json!("1e2"), json!(100)),
            ("whole", json!("0x10"), json!(16)),
            ("whole", json!(true), json!(1)),
            ("decimal", json!("1.5"), json!(1.5)),
            ("decimal", json!("-2"), json!(-2)),
            ("truth", json!("true"), json!(true)),
            ("truth", json!("yes"), json!(true)),
            ("truth", json!("1"), json!(true)),
            ("truth", json!(1), json!(true)),
            ("truth", json!("false"), json!(false)),
            ("truth", json!("no"), json!(false)),
            ("truth", json!(0), json!(false)),
            ("texts", json!("x"), json!(["x"])),
            ("texts", json!(["x", 5]), json!(["x", "5"])),
            ("texts", json!(5), json!(["5"])),
            ("numbers", json!("3"), json!([3])),
            ("moment", json!(0), json!("1970-01-01T00:00:00.000Z")),
            ("inner", json!({"inner": {"text": 5}}), json!({"inner": {"text": "5"}})),
            ("all", json!({"whole": "3"}), json!([{"whole": 3}])),
            ("all", json!([{"whole": "3"}, {"truth": "no"}]), json!([{"whole": 3}, {"truth": false}])),
        ] {
            assert_eq!(coerced(json!({field: sent})), json!({field: expected}), "{sent}");
        }
    }

    #[test]
    fn values_that_cannot_be_converted_stay() {
        for (field, sent) in [
            ("text", json!({"a": 1})),
            ("text", json!(["a"])),
            ("text", json!(null)),
            ("verbatim", json!(5)),
            ("whole", json!("abc")),
            ("whole", json!("")),
            ("whole", json!("3.5")),
            ("whole", json!("inf")),
            ("whole", json!({})),
            ("whole", json!(3.5)),
            ("decimal", json!("NaN")),
            ("truth", json!("maybe")),
            ("truth", json!("TRUE")),
            ("truth", json!(2)),
            ("texts", json!({"a": 1})),
            ("numbers", json!("x")),
            ("kind", json!(1)),
            ("id", json!(5)),
            ("free", json!("x")),
            ("free", json!({"text": 5, "truth": "yes"})),
            ("inner", json!("x")),
            ("unknown", json!(5)),
        ] {
            assert_eq!(coerced(json!({field: sent})), json!({field: sent}));
        }
    }

    #[test]
    fn body_is_not_wrapped_in_an_array() {
        let mut body = json!({"text": 5});
        assert!(!coerce::<Vec<Everything>>(&mut body));
        let mut body = json!([{"text": 5}]);
        assert!(coerce::<Vec<Everything>>(&mut body));
        assert_eq!(body, json!([{"text": "5"}]));
    }
}
