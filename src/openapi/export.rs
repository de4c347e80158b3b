//! Post-processing of poem-openapi's document into valid OpenAPI 3.1 and 3.0.3 that tools and generators accept.

use std::collections::BTreeSet;

use poem_openapi::{OpenApi, OpenApiService};
use serde_json::{Map, Value, json};

use super::{error_response, examples, links};
use crate::{
    example::Example,
    http::{MULTIPART, Operation, api::Api},
    json_schema::{
        dialect::{Spec, allow_null, finish_schema},
        validate::close,
    },
};

/// The metadata of a document.
pub(crate) struct About {
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    /// Address of the real API, if there is one.
    pub(crate) address: Option<&'static str>,
    /// Path of the API on a local server.
    pub(crate) path: &'static str,
    /// Whether undocumented fields and parameters, and empty parameters, are rejected.
    pub(crate) closed: bool,
}

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Generates the document of an API.
pub(crate) fn write<A: OpenApi>(
    api: A,
    about: &About,
    spec: Spec,
    operations: &[Operation],
    examples: &[Example],
) -> Value {
    let raw = OpenApiService::new(Api(api), about.title, env!("CARGO_PKG_VERSION")).spec();
    let mut document: Value = serde_json::from_str(&raw).expect("poem-openapi writes JSON");
    head(&mut document, about, spec);
    for operation in operations {
        let method = operation.method.as_str().to_lowercase();
        let node = &mut document["paths"][&operation.path][method];
        let examples: Vec<_> = examples.iter().filter(|example| example.operation == operation.id).collect();
        for example in examples.iter().filter(|example| example.is_shown) {
            add_example(node, example);
        }
        examples::show(node, &operation.path, &examples);
        describe_response(node);
        error_response::complete(node, spec);
        if let Some(role) = &operation.role {
            let text = node["description"].as_str().map(|text| format!("{text}\n\n")).unwrap_or_default();
            node["description"] = json!(format!("{text}Minimum role: {role}."));
        } else if node["description"].is_null() {
            node["description"] = json!("No role required.");
        }
    }
    error_response::add_schemas(&mut document, spec);
    let bodies = body_schemas(&document);
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        if bodies.contains(name) {
            allow_null(schema);
            if about.closed {
                close(schema);
            }
        }
    }
    let schemas = document["components"]["schemas"].clone();
    for node in operation_nodes(&mut document) {
        finish_operation(node, spec, about.closed, &schemas);
    }
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        finish_schema(schema, spec, &schemas);
        if name == crate::http::upload::FORM {
            // Forms accept no further parts: another file is rejected.
            schema["additionalProperties"] = json!(false);
        }
    }
    if spec == Spec::V30 {
        drop_unused(&mut document);
    }
    links::add(&mut document);
    document
}

/// Moves the last paragraph of a description, if it is `Returns …`, to the successful responses.
fn describe_response(node: &mut Value) {
    let Some(description) = node["description"].as_str().map(str::to_owned) else { return };
    let (rest, last) = description.rsplit_once("\n\n").unwrap_or(("", &description));
    let Some(content) = last.strip_prefix("Returns ") else { return };
    let mut letters = content.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(first) = letters.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    for (status, response) in node["responses"].as_object_mut().into_iter().flatten() {
        if status.starts_with('2') {
            response["description"] = json!(letters);
        }
    }
    node["description"] = if rest.is_empty() { Value::Null } else { json!(rest) };
}

fn head(document: &mut Value, about: &About, spec: Spec) {
    document["openapi"] = json!(match spec {
        Spec::V30 => "3.0.3",
        Spec::V31 => "3.1.1",
    });
    let license = match spec {
        Spec::V30 => json!({"name": "MIT OR Apache-2.0", "url": "https://spdx.org/licenses/MIT.html"}),
        Spec::V31 => json!({"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}),
    };
    document["info"] = json!({
        "title": about.title,
        "description": about.description,
        "version": env!("CARGO_PKG_VERSION"),
        "contact": {"name": "Tiledesk developer documentation", "url": "https://developer.tiledesk.com"},
        "license": license,
    });
    let real = about.address.map(|url| json!({"url": url, "description": "Tiledesk."}));
    let url = format!("http://127.0.0.1:4010{}", about.path);
    let local = json!({"url": url, "description": "Local tiledesk-mock server with default settings."});
    document["servers"] = real.into_iter().chain([local]).collect();
}

/// The operations of a document.
pub(super) fn operation_nodes(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths
        .flat_map(|(_, item)| item.as_object_mut().into_iter().flatten())
        .filter_map(|(method, node)| METHODS.contains(&method.as_str()).then_some(node))
}

fn add_example(node: &mut Value, example: &Example) {
    let summary = summary(node, example);
    if let Some((content_type, request)) = example.request.as_ref().filter(|_| example.status < 300)
        && let Some(content) = node.pointer_mut("/requestBody/content").and_then(Value::as_object_mut)
        // Forms are accepted but not documented, because generators fail on bodies with two content types.
        && let Some(media) = content.get_mut(content_type.split(';').next().unwrap_or_default().trim())
    {
        media["examples"][&example.name] = json!({"summary": summary, "value": request});
    }
    let status = example.status.to_string();
    let response = &mut node["responses"][&status];
    if response.is_null() {
        *response = json!({"description": "The request was rejected.", "content": {}});
    }
    let media_type = example.content_type.split(';').next().unwrap_or_default().trim();
    let media = &mut response["content"][media_type];
    if media.is_null() {
        *media = match media_type {
            "application/json" => json!({"schema": {"$ref": "#/components/schemas/Refusal"}}),
            _ => json!({"schema": {"type": "string"}}),
        };
    }
    media["examples"][&example.name] = json!({"summary": summary, "value": example.response});
}

/// The summary of an example: the summary of its operation, or its name as words.
fn summary(node: &Value, example: &Example) -> String {
    if example.name == "documented" {
        return node["summary"].as_str().unwrap_or_default().to_owned();
    }
    if let Some(version) = example.name.strip_prefix('v').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return format!("Version {version}");
    }
    let mut words = example.name.replace('-', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn finish_operation(node: &mut Value, spec: Spec, closed: bool, schemas: &Value) {
    let object = node.as_object_mut().expect("an operation is an object");
    object.entry("security").or_insert(json!([]));
    for parameter in object.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        finish_schema(&mut parameter["schema"], spec, schemas);
        let described = parameter["description"].is_string();
        let parameter = parameter.as_object_mut().expect("a parameter is an object");
        if described && let Some(schema) = parameter["schema"].as_object_mut() {
            schema.remove("description");
            if schema.len() == 1
                && let Some([only]) = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice)
            {
                parameter["schema"] = only.clone();
            }
        }
        if parameter["in"] == "query" {
            let kind = parameter["schema"]["type"].as_str().unwrap_or_default();
            match (parameter["required"] == true || closed, kind) {
                (true, "string") => parameter["schema"]["minLength"] = json!(1),
                (true, _) | (false, "string" | "array" | "object") => {}
                // An empty parameter counts as absent.
                (false, _) => drop(parameter.insert("allowEmptyValue".into(), json!(true))),
            }
        }
        for default in ["deprecated", "required"] {
            if parameter.get(default) == Some(&json!(false)) {
                parameter.remove(default);
            }
        }
        // Remove redundant defaults. The value of `explode` for deep objects would contradict their style.
        if parameter.get("style") != Some(&json!("deepObject")) {
            parameter.remove("explode");
        }
    }
    if let Some(body) = object.get_mut("requestBody") {
        finish_media(body, spec, schemas);
        if let Some(form) = body["content"].get_mut(MULTIPART) {
            encode(form, schemas);
        }
    }
    for (_, response) in object["responses"].as_object_mut().into_iter().flatten() {
        finish_media(response, spec, schemas);
        for (_, header) in response.get_mut("headers").and_then(Value::as_object_mut).into_iter().flatten() {
            finish_schema(&mut header["schema"], spec, schemas);
            if let Some(header) = header.as_object_mut() {
                header.remove("deprecated");
                header.remove("required");
            }
        }
    }
    if let Some(responses) = object["responses"].as_object_mut() {
        let mut sorted: Vec<_> = std::mem::take(responses).into_iter().collect();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        responses.extend(sorted);
    }
}

/// Strips parameters from media types, and finishes their schemas.
fn finish_media(node: &mut Value, spec: Spec, schemas: &Value) {
    let Some(content) = node.get_mut("content").and_then(Value::as_object_mut) else { return };
    let plain: Map<_, _> = std::mem::take(content)
        .into_iter()
        .map(|(name, mut media)| {
            finish_schema(&mut media["schema"], spec, schemas);
            (name.split(';').next().unwrap_or_default().trim().to_owned(), media)
        })
        .collect();
    *content = plain;
}

/// Declares that form fields are JSON unless they are primitive.
fn encode(form: &mut Value, schemas: &Value) {
    let name = form["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
    for (field, schema) in schemas[name]["properties"].as_object().into_iter().flatten() {
        let plain = matches!(schema["type"].as_str(), Some("string" | "integer" | "number" | "boolean"));
        if !plain {
            form["encoding"][field] = json!({"contentType": "application/json"});
        }
    }
}

/// The names of the schemas used by JSON request bodies.
fn body_schemas(document: &Value) -> BTreeSet<String> {
    fn collect(node: &Value, document: &Value, names: &mut BTreeSet<String>) {
        match node {
            Value::Object(object) => {
                let name = object.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
                if let Some(name) = name.filter(|name| names.insert((*name).to_owned())) {
                    collect(&document["components"]["schemas"][name], document, names);
                }
                object.values().for_each(|part| collect(part, document, names));
            }
            Value::Array(parts) => parts.iter().for_each(|part| collect(part, document, names)),
            _ => {}
        }
    }

    let mut names = BTreeSet::new();
    for (_, item) in document["paths"].as_object().into_iter().flatten() {
        for (_, node) in item.as_object().into_iter().flatten() {
            let content = node.pointer("/requestBody/content").and_then(Value::as_object).into_iter().flatten();
            content.filter(|(kind, _)| *kind != MULTIPART).for_each(|(_, media)| collect(media, document, &mut names));
        }
    }
    names
}

/// Replaces operations and the schemas they refer to with those of another document.
pub(crate) fn overlay(document: &mut Value, other: &Value) {
    for part in ["/paths", "/components/schemas"] {
        let Some(Value::Object(new)) = other.pointer(part).cloned() else { continue };
        let Some(known) = document.pointer_mut(part).and_then(Value::as_object_mut) else { continue };
        for (name, value) in new {
            match (known.get_mut(&name), value) {
                (Some(Value::Object(known)), Value::Object(value)) => known.extend(value),
                (_, value) => drop(known.insert(name, value)),
            }
        }
    }
}

/// Removes unreferenced schemas.
pub(crate) fn drop_unused(document: &mut Value) {
    loop {
        let text = document.to_string();
        let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
        let before = schemas.len();
        schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
        if schemas.len() == before {
            return;
        }
    }
}
