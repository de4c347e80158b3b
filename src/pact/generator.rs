//! Generators of requests: parts that a provider state determines.
//!
//! Generators of other types produce arbitrary values of a type, so the example is sent instead.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value};

use super::{
    file::{Body, Message},
    matcher::{Segment, expression},
};

/// A parameter in an expression.
static PARAMETER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$\{([^}]+)\}").expect("a valid pattern"));

/// A request with parts filled from the parameters of the provider states. Parts with missing parameters are kept.
pub(super) fn filled(message: &Message, states: &[(String, Value)]) -> Message {
    let mut filled = message.clone();
    let parameters: Map<String, Value> =
        states.iter().filter_map(|(_, parameters)| parameters.as_object().cloned()).flatten().collect();
    let of = |category: &str| message.generators[category].as_object().into_iter().flatten();
    let path = &message.generators["path"];
    let path = if path["type"].is_string() { path } else { &path[""] };
    if let Some(value) = generated(path, &parameters) {
        filled.path = text(&value);
    }
    for (name, node) in of("query") {
        for (_, value) in filled.query.iter_mut().filter(|(known, _)| known == name) {
            *value = generated(node, &parameters).as_ref().map_or_else(|| value.clone(), text);
        }
    }
    for (name, node) in of("header").chain(of("headers")) {
        for (_, value) in filled.headers.iter_mut().filter(|(known, _)| known.eq_ignore_ascii_case(name)) {
            *value = generated(node, &parameters).as_ref().map_or_else(|| value.clone(), text);
        }
    }
    if let Body::Json(body) = &mut filled.body {
        for (path, node) in of("body") {
            if let (Some(path), Some(value)) = (expression(path), generated(node, &parameters)) {
                set(body, &path, &value);
            }
        }
    }
    filled
}

/// The value of a provider state generator, if all parameters exist. An expression that is only a parameter keeps its
/// type.
fn generated(node: &Value, parameters: &Map<String, Value>) -> Option<Value> {
    let expression = node["expression"].as_str().filter(|_| node["type"] == "ProviderState")?;
    let names: Vec<_> = PARAMETER.captures_iter(expression).map(|found| found[1].to_owned()).collect();
    if names.is_empty() {
        // Some libraries write only the name.
        return parameters.get(expression).cloned();
    }
    if names.iter().any(|name| !parameters.contains_key(name)) {
        return None;
    }
    if let [name] = &names[..]
        && expression.len() == name.len() + "${}".len()
    {
        return parameters.get(name).cloned();
    }
    let replaced = PARAMETER.replace_all(expression, |found: &Captures<'_>| text(&parameters[&found[1]]));
    Some(replaced.into_owned().into())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Replaces the values at a path.
fn set(node: &mut Value, path: &[Segment], value: &Value) {
    let Some((first, rest)) = path.split_first() else {
        *node = value.clone();
        return;
    };
    match (first, node) {
        (Segment::Name(name), Value::Object(fields)) => {
            fields.get_mut(name).into_iter().for_each(|node| set(node, rest, value));
        }
        (Segment::Index(index), Value::Array(items)) => {
            items.get_mut(*index).into_iter().for_each(|node| set(node, rest, value));
        }
        (Segment::Any, Value::Array(items)) => items.iter_mut().for_each(|node| set(node, rest, value)),
        (Segment::Any, Value::Object(fields)) => fields.values_mut().for_each(|node| set(node, rest, value)),
        _ => {}
    }
}
