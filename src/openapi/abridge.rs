//! Abridged examples. Recorded responses repeat much of each other; the document shows a few elements of each list, and
//! embedded documents without what they embed in turn.

use serde_json::Value;

const PREFIX: &str = "#/components/schemas/";

/// Number of elements shown of a list that is a response.
const LISTED: usize = 2;

/// Number of lines shown of a CSV file.
const LINES: usize = 3;

/// Minimum length of a text with the form of a token that is truncated.
const TOKEN: usize = 200;

/// Number of entries shown of a map with arbitrary keys.
const ENTRIES: usize = 5;

/// The extent to which a document is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    /// Without optional lists, and without optional objects.
    Own,
}

/// Abridges the examples of all successful responses.
pub(super) fn responses(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let items = document["paths"].as_object_mut().into_iter().flatten();
    let operations = items.flat_map(|(path, item)| {
        let methods = item.as_object_mut().into_iter().flatten();
        methods.map(move |(method, node)| (path, method, node))
    });
    for (path, method, node) in operations {
        // Changes of a document return what reading it does.
        let is_change = match method.as_str() {
            "get" => false,
            "post" => path.matches('{').count() > 1,
            _ => true,
        };
        let extent = if is_change { Extent::Own } else { Extent::Whole };
        let responses = node["responses"].as_object_mut().into_iter().flatten();
        for (_, response) in responses.filter(|(status, _)| status.starts_with('2')) {
            if let Some(media) = response.pointer_mut("/content/application~1json") {
                examples(media, &schemas, extent);
            }
            if let Some(media) = response.pointer_mut("/content/text~1csv") {
                lines(media);
            }
        }
    }
}

/// Abridges the examples of a webhook.
pub(super) fn webhooks(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let items = document.pointer_mut("/components/pathItems").and_then(Value::as_object_mut);
    for (name, item) in items.into_iter().flatten() {
        // The other events of an object have the same payload as its creation.
        let is_change = ["_update", "_delete", "_close", "_downgrade"].iter().any(|change| name.ends_with(change));
        let extent = if is_change { Extent::Own } else { Extent::Whole };
        if let Some(media) = item.pointer_mut("/post/requestBody/content/application~1json") {
            examples(media, &schemas, extent);
            let examples = media.get_mut("examples").and_then(Value::as_object_mut).into_iter().flatten();
            let tokens = examples.filter_map(|(_, example)| example.pointer_mut("/value/token"));
            tokens.for_each(cut_token);
        }
    }
}

/// Keeps the first lines of CSV files.
fn lines(media: &mut Value) {
    for (_, example) in media.get_mut("examples").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Value::String(text) = &mut example["value"] {
            *text = text.split_inclusive('\n').take(LINES).collect();
        }
    }
}

/// Truncates the claims and the signature of a token.
fn cut_token(token: &mut Value) {
    let parts = token.as_str().filter(|text| text.len() > TOKEN).map(|text| text.splitn(3, '.').collect::<Vec<_>>());
    if let Some([head, claims, signature]) = parts.as_deref() {
        let short = |part: &str| part.chars().take(8).collect::<String>();
        *token = format!("{head}.{}….{}…", short(claims), short(signature)).into();
    }
}

fn examples(media: &mut Value, schemas: &Value, extent: Extent) {
    let schema = media["schema"].clone();
    let all = media.get_mut("examples").and_then(Value::as_object_mut).into_iter().flatten();
    for (at, (_, example)) in all.enumerate() {
        let extent = if at == 0 { extent } else { Extent::Own };
        abridge(&mut example["value"], &schema, schemas, extent);
    }
}

fn abridge(value: &mut Value, schema: &Value, schemas: &Value, extent: Extent) {
    let schema = resolved(schema, value, schemas);
    match value {
        Value::Array(items) => {
            items.truncate(if extent == Extent::Whole { LISTED } else { 1 });
            for item in items {
                abridge(item, &schema["items"], schemas, Extent::Own);
            }
        }
        Value::Object(object) => {
            let Some(properties) = schema["properties"].as_object() else {
                let mut kept = 0;
                object.retain(|_, _| {
                    kept += 1;
                    kept <= ENTRIES
                });
                let own = &schema["additionalProperties"];
                object.values_mut().for_each(|part| abridge(part, own, schemas, extent));
                return;
            };
            let is_document = object.contains_key("_id");
            let required =
                |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|known| known == name));
            object.retain(|name, part| {
                let is_nested = part.is_object() || part.as_array().is_some_and(|items| !items.is_empty());
                extent == Extent::Whole || !is_nested || required(name)
            });
            let extent = if is_document { Extent::Own } else { extent };
            for (name, part) in object.iter_mut() {
                if let Some(property) = properties.get(name) {
                    abridge(part, property, schemas, extent);
                }
            }
        }
        _ => {}
    }
}

/// The schema that applies to a value: the target of a reference, and the branch of a union that has its properties.
fn resolved<'a>(schema: &'a Value, value: &Value, schemas: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix(PREFIX)) {
        return resolved(&schemas[name], value, schemas);
    }
    for key in ["anyOf", "allOf"] {
        let branches = schema[key].as_array().into_iter().flatten().map(|branch| resolved(branch, value, schemas));
        let mut fitting = branches.filter(|branch| {
            let mut required = branch["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            branch["properties"].is_object() == value.is_object() && required.all(|name| value.get(name).is_some())
        });
        if let Some(branch) = fitting.next() {
            return branch;
        }
    }
    schema
}
