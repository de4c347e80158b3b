//! The last step of an export, which makes a document easier to read and to generate clients from. The contract that
//! the server itself validates against is the document before this step, which is stricter.

use serde_json::Value;

use super::{
    abridge, enum_name,
    export::{drop_unused, operation_nodes},
    identifier, share, union,
};
use crate::json_schema::dialect::Spec;

/// Prepares a document for publication.
pub(super) fn publish(document: &mut Value, spec: Spec) {
    for node in operation_nodes(document) {
        drop_aliases(node);
        drop_objects(node);
        keep_one_body(node);
    }
    identifier::keep_own(&mut document["components"]["schemas"]);
    abridge::responses(document);
    abridge::webhooks(document);
    union::simplify(document, spec);
    enum_name::add(document, spec);
    drop_unused(document);
    drop_titles(document);
    share::responses(document);
}

/// Removes titles that only repeat the name of a schema.
fn drop_titles(document: &mut Value) {
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        if schema["title"] == *name
            && let Some(schema) = schema.as_object_mut()
        {
            schema.shift_remove("title");
        }
    }
}

/// Removes query parameters whose name differs from another one only by case. They are still accepted, but generators
/// turn both into the same identifier.
fn drop_aliases(node: &mut Value) {
    let Some(parameters) = node.get_mut("parameters").and_then(Value::as_array_mut) else { return };
    let mut known = Vec::new();
    parameters.retain(|parameter| {
        let name = parameter["name"].as_str().unwrap_or_default().to_ascii_lowercase();
        let is_new = !known.contains(&name);
        known.push(name);
        is_new
    });
}

/// Removes object-valued query parameters, which are not in the documentation. They are still accepted, but generators
/// and validators fail on objects without declared properties there.
fn drop_objects(node: &mut Value) {
    if let Some(parameters) = node.get_mut("parameters").and_then(Value::as_array_mut) {
        parameters.retain(|parameter| parameter["style"] != "deepObject");
    }
}

/// Operations that the documentation describes with an upload, although they accept JSON as well.
const UPLOADS: [&str; 1] = ["import_bot_json"];

/// Keeps the content types of a request body that have the schema of the documented one. Descriptions mention the
/// others: generators declare one method per operation, with one type of body.
fn keep_one_body(node: &mut Value) {
    let is_upload = UPLOADS.iter().any(|id| node["operationId"] == *id);
    let content = node.pointer_mut("/requestBody/content").and_then(Value::as_object_mut);
    if let Some(content) = content {
        let mut schemas = content.values().map(|media| media["schema"].clone());
        let kept = if is_upload { schemas.next_back() } else { schemas.next() };
        drop(schemas);
        content.retain(|_, media| kept.as_ref() == Some(&media["schema"]));
    }
}
