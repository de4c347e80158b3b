//! Error responses in the exported documents: a schema by status, and an example of every error.

use serde_json::{Value, json};

use crate::{
    http::{BodyTrait, ErrorExample, MULTIPART, Traits, control_problem, usual},
    json_schema::dialect::Spec,
};

/// The schema of all JSON errors, from which the others are derived.
const REFUSAL: &str = "Refusal";

/// A schema for some errors, with a part of the properties of [`REFUSAL`].
struct ErrorSchema {
    name: &'static str,
    description: &'static str,
    /// `None` for all properties.
    properties: Option<&'static [&'static str]>,
    required: &'static [&'static str],
}

const SCHEMAS: [ErrorSchema; 3] = [
    ErrorSchema {
        name: REFUSAL,
        description: "The body of an error response. Its message is in `msg`, `error`, or `message`, depending on the operation.",
        properties: None,
        required: &["success"],
    },
    ErrorSchema {
        name: "RequestError",
        description: "The body of an error response, with or without `success`. Its properties depend on the operation.",
        properties: None,
        required: &[],
    },
    ErrorSchema {
        name: "RateLimitExceeded",
        description: "The body of the response to calls beyond the rate limit.",
        properties: Some(&["message", "limit", "window"]),
        required: &["message", "limit", "window"],
    },
];

/// Adds the schemas of errors. Generators that read OpenAPI 3.0 support a single error type per operation, so that
/// version has a single one, without required properties.
pub(super) fn add_schemas(document: &mut Value, spec: Spec) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let Some(mut whole) = schemas.get(REFUSAL).cloned() else { return };
    for name in ["success", "sucess", "succes"] {
        match spec {
            Spec::V31 => whole["properties"][name]["const"] = json!(false),
            Spec::V30 => whole["properties"][name]["enum"] = json!([false]),
        }
    }
    if spec == Spec::V30 {
        schemas.insert(REFUSAL.to_owned(), whole);
        return;
    }
    for ErrorSchema { name, description, properties, required } in SCHEMAS {
        let mut schema = whole.clone();
        (schema["title"], schema["description"]) = (json!(name), json!(description));
        if let (Some(kept), Some(all)) = (properties, schema["properties"].as_object_mut()) {
            all.retain(|name, _| kept.contains(&&**name));
        }
        schema["required"] = json!(required);
        if required.is_empty() {
            schema.as_object_mut().map(|schema| schema.remove("required"));
            schema["minProperties"] = json!(1);
        }
        schemas.insert(name.to_owned(), schema);
    }
}

/// Completes the error responses of an operation: every one gets an example, and the schema that its examples match.
pub(super) fn complete(node: &mut Value, spec: Spec) {
    let of = traits(node);
    if spec == Spec::V30
        && let Some(responses) = node["responses"].as_object_mut()
    {
        // A text-only error would be a second error type.
        responses
            .retain(|status, response| status.starts_with('2') || !response["content"]["application/json"].is_null());
    }
    for (status, response) in node["responses"].as_object_mut().into_iter().flatten() {
        if let Some(media) = response.pointer_mut("/content/application~1problem+json") {
            show(media, vec![control_problem()]);
        }
        let Some(number) = status.parse().ok().filter(|status| *status >= 400) else { continue };
        for (kind, media) in response["content"].as_object_mut().into_iter().flatten() {
            let is_json = kind.starts_with("application/json");
            show(media, usual(number, is_json, of));
            if is_json && spec == Spec::V31 {
                let name = schema_of(number, media);
                media["schema"] = json!({"$ref": format!("#/components/schemas/{name}")});
            }
        }
    }
}

fn traits(node: &Value) -> Traits {
    let parameters = node["parameters"].as_array().into_iter().flatten();
    let content = &node["requestBody"]["content"];
    Traits {
        is_in_project: parameters.into_iter().any(|parameter| parameter["name"] == "project_id"),
        is_secured: node["security"].as_array().is_some_and(|all| !all.is_empty()),
        body: match content.as_object() {
            None => BodyTrait::None,
            Some(content) if content.keys().any(|kind| kind == MULTIPART) => BodyTrait::Upload,
            Some(_) => BodyTrait::Json,
        },
    }
}

/// Shows the usual errors, unless the operation has examples of others.
fn show(media: &mut Value, usual: Vec<ErrorExample>) {
    let mut recorded = media["examples"].as_object().into_iter().flatten();
    let is_usual = |value: &Value| usual.iter().any(|example| example.body == *value);
    if recorded.all(|(_, example)| is_usual(&example["value"])) && !usual.is_empty() {
        let examples = usual
            .into_iter()
            .map(|ErrorExample { name, summary, body }| (name.to_owned(), json!({"summary": summary, "value": body})));
        media["examples"] = Value::Object(examples.collect());
    }
}

/// The name of the schema for a response with this status.
fn schema_of(status: u16, media: &Value) -> &'static str {
    let all_have = |name: &str| {
        media["examples"].as_object().into_iter().flatten().all(|(_, example)| !example["value"][name].is_null())
    };
    match status {
        429 => "RateLimitExceeded",
        404 | 409 | 503 if all_have("success") => REFUSAL,
        _ => "RequestError",
    }
}
