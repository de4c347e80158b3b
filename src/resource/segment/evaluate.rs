//! Evaluation of filters on documents.

use serde_json::Value;

use super::document::{Comparison, SegmentFilter};

/// Whether the rendered document satisfies the filter.
///
/// Follows the database behind the real API: a list satisfies whatever one of its elements satisfies, and a missing
/// field differs from every value. `null` counts as missing.
pub(crate) fn holds(filter: &SegmentFilter, document: &Value) -> bool {
    let found = values(document, &filter.field);
    let any = |test: &dyn Fn(&Value) -> bool| found.iter().any(|value| test(value));
    match filter.operator {
        Comparison::Equal => any(&|value| equal(value, &filter.value)),
        Comparison::Unequal => !any(&|value| equal(value, &filter.value)),
        Comparison::Greater => any(&|value| greater(value, &filter.value)),
        Comparison::GreaterOrEqual => any(&|value| greater(value, &filter.value) || equal(value, &filter.value)),
        Comparison::StartsWith => any(&|value| texts(value, &filter.value, |text, part| text.starts_with(part))),
        Comparison::Contains => any(&|value| texts(value, &filter.value, |text, part| text.contains(part))),
        Comparison::IsNull => !any(&|value| !value.is_null()),
        Comparison::IsNotNull => any(&|value| !value.is_null()),
    }
}

/// Values at a path with dots: the value and, if it is a list, its elements.
fn values<'a>(document: &'a Value, path: &str) -> Vec<&'a Value> {
    let Some((name, rest)) = path.split_once('.') else {
        let value = document.get(path);
        let elements = value.and_then(Value::as_array).into_iter().flatten();
        return value.into_iter().chain(elements).collect();
    };
    match document.get(name) {
        Some(Value::Array(list)) => list.iter().flat_map(|value| values(value, rest)).collect(),
        Some(value) => values(value, rest),
        None => Vec::new(),
    }
}

/// Numbers are equal by value: `5.0` equals `5`.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

/// Only values of the same type are compared. Dates are strings whose order is chronological.
fn greater(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() > b.as_f64(),
        (Value::String(a), Value::String(b)) => a > b,
        (Value::Bool(a), Value::Bool(b)) => a > b,
        _ => false,
    }
}

fn texts(value: &Value, part: &Value, compare: impl Fn(&str, &str) -> bool) -> bool {
    matches!((value, part), (Value::String(text), Value::String(part)) if compare(text, part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_operator_compares() {
        let document = json!({
            "email": "ada@example.com", "tags": ["vip", "it"], "status": 100, "createdAt": "2026-01-01T12:00:00.000Z",
            "attributes": {"plan": {"seats": 5}, "trial": false, "none": null}, "visits": [{"page": "/a"}, {"page": "/b"}],
        });
        for (field, operator, value, expected) in [
            ("email", "=", json!("ada@example.com"), true),
            ("email", "=", json!("Ada@example.com"), false),
            ("email", "!=", json!("ada@example.com"), false),
            ("email", "!=", json!("bob@example.com"), true),
            ("phone", "=", json!("1"), false),
            ("phone", "!=", json!("1"), true),
            ("tags", "=", json!("vip"), true),
            ("tags", "=", json!(["vip", "it"]), true),
            ("tags", "=", json!(["it"]), false),
            ("tags", "!=", json!("vip"), false),
            ("tags", "!=", json!("x"), true),
            ("status", "=", json!(100.0), true),
            ("status", "=", json!("100"), false),
            ("status", ">", json!(99.5), true),
            ("status", ">", json!(100), false),
            ("status", ">=", json!(100), true),
            ("status", ">", json!("1"), false),
            ("attributes.plan.seats", ">=", json!(6), false),
            ("attributes.plan.seats", ">=", json!(5), true),
            ("attributes.plan", "=", json!({"seats": 5}), true),
            ("attributes.trial", "=", json!(false), true),
            ("attributes.trial", ">=", json!(false), true),
            ("attributes.plan.colour", "is null", json!(""), true),
            ("createdAt", ">", json!("2025-12-31"), true),
            ("createdAt", ">", json!("2026-01-02"), false),
            ("email", "starts with", json!("ada@"), true),
            ("email", "starts with", json!("da@"), false),
            ("email", "contains", json!("@example"), true),
            ("email", "contains", json!("@Example"), false),
            ("email", "contains", json!("."), true),
            ("email", "contains", json!("a.*m"), false),
            ("status", "contains", json!(1), false),
            ("tags", "contains", json!("ip"), true),
            ("tags", "starts with", json!("i"), true),
            ("visits.page", "=", json!("/b"), true),
            ("visits.page", "starts with", json!("/c"), false),
            ("email", "is null", json!(""), false),
            ("email", "is not null", json!(""), true),
            ("phone", "is null", json!(""), true),
            ("phone", "is not null", json!(""), false),
            ("attributes.none", "is null", json!(""), true),
            ("attributes.none", "is not null", json!(""), false),
        ] {
            let filter = json!({"field": field, "operator": operator, "value": value});
            let filter: SegmentFilter = serde_json::from_value(filter).expect("a filter");
            assert_eq!(holds(&filter, &document), expected, "{filter:?}");
        }
    }
}
