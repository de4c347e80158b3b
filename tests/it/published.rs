//! The exported documents as generators, importers, and validators read them.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use tiledesk_mock::openapi::{self, Document, Encoding, Version};

use crate::support::{App, PROJECT, inlined};

const ALL: [(Document, Version); 5] = [
    (Document::V3, Version::V31),
    (Document::V3, Version::V30),
    (Document::V1, Version::V31),
    (Document::V1, Version::V30),
    (Document::Control, Version::V31),
];

async fn document(document: Document, version: Version) -> Value {
    let text = openapi::write(document, version, Encoding::Json).await;
    serde_json::from_str(&text).expect("the document is JSON")
}

/// All documents, with the place of each for messages.
async fn documents() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (which, version) in ALL {
        all.push((format!("{which:?} {version:?}"), document(which, version).await));
    }
    all
}

/// Path, method, and node of each operation.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let items = document["paths"].as_object().expect("paths").iter();
    items.flat_map(|(path, item)| {
        item.as_object().expect("an item").iter().map(move |(method, operation)| (path, method, operation))
    })
}

fn parameters(operation: &Value) -> impl Iterator<Item = &Value> {
    operation["parameters"].as_array().into_iter().flatten()
}

/// Calls `visit` with every object outside of examples, and its pointer.
fn walk(node: &Value, at: &str, visit: &mut impl FnMut(&str, &Value)) {
    match node {
        Value::Object(object) => {
            visit(at, node);
            for (name, part) in object.iter().filter(|(name, _)| !["example", "examples"].contains(&name.as_str())) {
                walk(part, &format!("{at}/{name}"), visit);
            }
        }
        Value::Array(parts) => parts.iter().for_each(|part| walk(part, at, visit)),
        _ => {}
    }
}

#[tokio::test]
async fn request_bodies_have_a_single_schema() {
    for (name, document) in documents().await {
        for (_, _, operation) in operations(&document) {
            let content = operation["requestBody"]["content"].as_object().into_iter().flatten();
            let schemas: BTreeSet<_> = content.map(|(_, media)| media["schema"].to_string()).collect();
            assert!(schemas.len() <= 1, "{name} {}: {schemas:?}", operation["operationId"]);
        }
    }
}

#[tokio::test]
async fn content_types_and_aliases_beyond_the_document_are_accepted() {
    let app = App::with(|config| config.strict = true);
    app.owner().get(&format!("{PROJECT}/requests?hasbot=true")).await.json_of(200);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "email=andrea.leo@f21.it&password=123456";
    app.nobody().send(http::Method::POST, "/v3/auth/signin", &form, body).await.json_of(200);
    let exchanges = tiledesk_mock::exchanges();
    for name in ["import_bot_json.file", "create_url_contents.file", "import_namespace.file"] {
        app.call(exchanges[name].request.request()).await.json_of(200);
    }
}

#[tokio::test]
async fn unions_are_components_of_components() {
    for (name, document) in documents().await {
        walk(&document, "", &mut |at, node| {
            for key in ["anyOf", "oneOf"] {
                let Some(branches) = node[key].as_array() else { continue };
                let branches: Vec<_> = branches.iter().filter(|branch| branch["type"] != "null").collect();
                let is_component = at.rsplit_once('/').is_some_and(|(place, _)| place == "/components/schemas");
                assert!(branches.len() < 2 || is_component, "{name} {at}");
                let has_free_object = branches.iter().any(|branch| branch["type"] == "object");
                assert!(!has_free_object, "{name} {at}");
            }
        });
    }
}

#[tokio::test]
async fn every_response_has_a_named_type() {
    for (name, document) in documents().await {
        for (_, _, operation) in operations(&inlined(document)) {
            for (status, response) in operation["responses"].as_object().expect("responses") {
                let schema = &response["content"]["application/json"]["schema"];
                let schema = if schema["type"] == "array" { &schema["items"] } else { schema };
                let is_inline = schema["properties"].is_object() || schema["anyOf"].is_array();
                assert!(!is_inline, "{name} {} {status}: {schema}", operation["operationId"]);
            }
        }
    }
}

#[tokio::test]
async fn enum_values_have_unique_identifiers() {
    for (name, document) in documents().await {
        walk(&document, "", &mut |at, node| {
            let Some(values) = node["enum"].as_array() else { return };
            let values: Vec<_> = values.iter().filter(|value| value.is_string() || value.is_number()).collect();
            let names: Vec<_> = match node["x-enum-varnames"].as_array() {
                Some(names) => names.iter().filter_map(Value::as_str).collect(),
                None => values.iter().filter_map(|value| value.as_str()).collect(),
            };
            assert_eq!(names.len(), values.len(), "{name} {at}: {values:?}");
            let is_identifier = |name: &&str| {
                name.starts_with(|first: char| first.is_ascii_alphabetic())
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            };
            assert!(names.iter().all(is_identifier), "{name} {at}: {names:?}");
            let distinct: BTreeSet<_> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
            assert_eq!(distinct.len(), names.len(), "{name} {at}: {names:?}");
        });
    }
}

#[tokio::test]
async fn names_of_parameters_differ_by_more_than_case() {
    for (name, document) in documents().await {
        for (_, _, operation) in operations(&document) {
            let names: Vec<_> = parameters(operation)
                .map(|parameter| parameter["name"].as_str().expect("a name").to_ascii_lowercase())
                .collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{name}: {names:?}");
        }
    }
}

#[tokio::test]
async fn integers_have_standard_formats() {
    for (name, document) in documents().await {
        walk(&document, "", &mut |at, node| {
            if node["type"] == "integer" || node["type"] == json!(["integer", "null"]) {
                let format = node["format"].as_str().unwrap_or_default();
                assert!(["int32", "int64"].contains(&format), "{name} {at}: {node}");
                let fits = |limit: &Value| limit.as_i64().is_none_or(|limit| i32::try_from(limit).is_ok());
                let is_small = fits(&node["minimum"]) && fits(&node["maximum"]);
                assert!(format == "int64" || is_small, "{name} {at}: {node}");
            }
        });
    }
}

#[tokio::test]
async fn nullable_enums_of_openapi_3_0_include_null() {
    let document = document(Document::V3, Version::V30).await;
    let mut seen = 0;
    walk(&document, "", &mut |at, node| {
        if node["nullable"] == true && node["enum"].is_array() {
            assert!(node["enum"].as_array().is_some_and(|values| values.contains(&Value::Null)), "{at}");
            seen += 1;
        }
    });
    assert!(seen > 3, "{seen}");
}

#[tokio::test]
async fn path_patterns_accept_what_their_description_names() {
    let document = document(Document::V3, Version::V31).await;
    for (path, method, name, value) in [
        ("/{project_id}/bots/importjson/{bot_id}", "post", "bot_id", "null"),
        ("/{project_id}/faq/{faq_id}", "put", "faq_id", "intentId8e0d2b0e-7f0e-4b6a-8f57-3f6a0a7a1a52"),
        ("/{project_id}/faq/{faq_id}", "delete", "faq_id", "intentId8e0d2b0e-7f0e-4b6a-8f57-3f6a0a7a1a52"),
    ] {
        let parameter = parameters(&document["paths"][path][method]).find(|parameter| parameter["name"] == name);
        let schema = &parameter.expect("it exists")["schema"];
        assert!(jsonschema::is_valid(schema, &json!(value)), "{path}: {schema}");
        assert!(jsonschema::is_valid(schema, &json!("5be9b2ecc72a050015e14951")), "{path}: {schema}");
        assert!(!jsonschema::is_valid(schema, &json!("bot1")), "{path}: {schema}");
    }
    let app = App::new();
    let body = json!({"name": "new", "intents": []});
    app.owner().post(&format!("{PROJECT}/bots/importjson/null?create=true"), body).await.json_of(200);
}

#[tokio::test]
async fn error_schemas_are_specific() {
    let document = document(Document::V3, Version::V31).await;
    let schemas = &document["components"]["schemas"];
    for name in ["success", "sucess", "succes"] {
        assert_eq!(schemas["Refusal"]["properties"][name]["const"], false, "{name}");
    }
    assert_eq!(schemas["Refusal"]["required"], json!(["success"]));
    assert_eq!(schemas["RateLimitExceeded"]["required"], json!(["message", "limit", "window"]));
}

#[tokio::test]
async fn openapi_3_0_has_one_error_type() {
    // Generators that read this version do not support several error types of one operation.
    let document = inlined(document(Document::V3, Version::V30).await);
    assert_eq!(document["components"]["schemas"]["Refusal"]["properties"]["success"]["enum"], json!([false]));
    for (_, _, operation) in operations(&document) {
        let responses = operation["responses"].as_object().expect("responses").iter();
        for (status, response) in responses.filter(|(status, _)| !status.starts_with('2')) {
            let schema = &response["content"]["application/json"]["schema"]["$ref"];
            assert_eq!(*schema, "#/components/schemas/Refusal", "{} {status}", operation["operationId"]);
        }
    }
}

#[tokio::test]
async fn every_error_has_an_example_and_every_example_a_summary() {
    for (which, version) in ALL {
        let document = inlined(document(which, version).await);
        for (_, _, operation) in operations(&document) {
            let id = &operation["operationId"];
            let responses = operation["responses"].as_object().expect("responses").iter();
            for (status, response) in responses.filter(|(status, _)| !status.starts_with('2')) {
                for (kind, media) in response["content"].as_object().expect("an error has content") {
                    assert!(media["examples"].as_object().is_some_and(|all| !all.is_empty()), "{id} {status} {kind}");
                }
            }
            let responses = operation["responses"].as_object().expect("responses").values();
            let contents = responses.chain([&operation["requestBody"]]).filter_map(|part| part["content"].as_object());
            let examples = contents.flatten().filter_map(|(_, media)| media["examples"].as_object());
            for (name, example) in examples.flatten() {
                let summary = example["summary"].as_str().unwrap_or_default();
                assert!(summary.len() > 2, "{id} {name}");
            }
        }
    }
}

#[tokio::test]
async fn errors_are_returned_as_in_their_examples() {
    let app = App::new();
    let document = inlined(document(Document::V3, Version::V31).await);
    let leads = &document["paths"]["/{project_id}/leads"]["post"]["responses"];
    let shown =
        |status: &str, kind: &str, name: &str| leads[status]["content"][kind]["examples"][name]["value"].clone();
    let path = format!("{PROJECT}/leads");
    let refused = app.nobody().post(&path, json!({})).await;
    assert_eq!(json!(refused.text()), shown("401", "text/plain", "no-credentials"));
    let refused = app.outsider().post(&path, json!({})).await.json_of(403);
    assert_eq!(refused, shown("403", "application/json", "not-a-member"));
    let unknown = app.owner().get(&format!("{PROJECT}/departments/5b55e806c93dde0014316300")).await.json_of(404);
    let departments = &document["paths"]["/{project_id}/departments/{department_id}"]["get"]["responses"]["404"];
    let examples = departments["content"]["application/json"]["examples"].as_object().expect("examples");
    assert!(examples.values().any(|example| example["value"] == unknown), "{unknown}");
    let headers = [("content-type", "application/json"), ("content-encoding", "zstd")];
    let refused = app.owner().send(Method::POST, &path, &headers, "{}").await;
    assert_eq!(json!(refused.text()), shown("415", "text/plain", "encoding-unknown"));
}

#[tokio::test]
async fn error_responses_are_shared_and_the_document_is_small() {
    let document = document(Document::V3, Version::V31).await;
    let shared = document["components"]["responses"].as_object().expect("responses");
    for name in ["BadRequest", "Unauthorized", "Forbidden", "NotFound", "RateLimited", "Unavailable"] {
        assert!(shared.contains_key(name), "{name}");
    }
    let mut unshared = BTreeSet::new();
    for (_, _, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            assert!(status.starts_with('2') || response["$ref"].is_string() || unshared.insert(response.to_string()));
        }
    }
    let size = document.to_string().len();
    assert!(size <= 900_000, "{size} bytes");
}

#[tokio::test]
async fn servers_are_the_production_api_and_the_mock() {
    let exported = document(Document::V3, Version::V31).await["servers"].clone();
    let urls: Vec<_> = exported.as_array().expect("servers").iter().map(|server| &server["url"]).collect();
    assert_eq!(urls, ["https://api.tiledesk.com/v3", "http://127.0.0.1:4010/v3"]);
    let served = App::new().nobody().get("/openapi.json").await.json_of(200)["servers"].clone();
    assert_eq!(served[0]["url"], "/v3", "relative to the host that serves the document");
    assert_eq!(served.as_array().map(Vec::len), Some(1));
}

/// A query with the examples of all parameters of an operation.
fn query(operation: &Value) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for parameter in parameters(operation).filter(|parameter| parameter["in"] == "query") {
        let name = parameter["name"].as_str().expect("a name");
        match &parameter["example"] {
            Value::Null => {}
            Value::String(text) => drop(query.append_pair(name, text)),
            Value::Array(all) => drop(query.append_pair(name, all[0].as_str().expect("a text"))),
            other => drop(query.append_pair(name, &other.to_string())),
        }
    }
    query.finish()
}

#[tokio::test]
async fn importers_can_send_every_example_of_a_read() {
    let app = App::new();
    let document = document(Document::V3, Version::V31).await;
    let mut problems = Vec::new();
    for (template, _, operation) in operations(&document).filter(|(_, method, _)| *method == "get") {
        let path = parameters(operation).filter(|parameter| parameter["in"] == "path").fold(
            template.to_owned(),
            |path, parameter| {
                let name = parameter["name"].as_str().expect("a name");
                path.replace(&format!("{{{name}}}"), parameter["example"].as_str().expect("an example"))
            },
        );
        let id = operation["operationId"].as_str().expect("an id");
        let answer = app.owner().get(&format!("/v3{path}?{}", query(operation))).await;
        // Only administrators of the installation may list the projects of others.
        if !answer.status.is_success() && id != "list_all_projects" {
            problems.push(format!("{id}?{}: {} {}", query(operation), answer.status, answer.text()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test]
async fn no_document_has_an_object_as_a_query_parameter_but_the_server_accepts_it() {
    for (name, document) in documents().await {
        for parameter in operations(&document).flat_map(|(_, _, operation)| parameters(operation)) {
            assert!(parameter["schema"]["type"] != "object" && parameter["style"].is_null(), "{name} {parameter}");
        }
    }
    let app = App::with(|config| config.strict = true);
    app.call(tiledesk_mock::exchanges()["count_messages.attributes"].request.request()).await.json_of(200);
}

#[tokio::test]
async fn every_typed_query_parameter_of_a_read_has_an_example() {
    let document = document(Document::V3, Version::V31).await;
    for (_, _, operation) in operations(&document).filter(|(_, method, _)| *method == "get") {
        for parameter in parameters(operation).filter(|parameter| parameter["in"] == "query") {
            let kind = &parameter["schema"]["type"];
            let is_typed = !["string", "object"].iter().any(|free| kind == free);
            assert!(!is_typed || !parameter["example"].is_null(), "{} {parameter}", operation["operationId"]);
        }
    }
}

#[tokio::test]
async fn optional_examples_of_writes_enable_nothing() {
    let document = document(Document::V3, Version::V31).await;
    for (_, _, operation) in operations(&document).filter(|(_, method, _)| *method != "get") {
        for parameter in parameters(operation).filter(|parameter| parameter["in"] == "query") {
            let example = &parameter["example"];
            assert!(
                parameter["required"] == true || (*example != json!("true") && *example != json!(true)),
                "{} {}",
                operation["operationId"],
                parameter["name"]
            );
        }
    }
}

#[tokio::test]
async fn webhooks_declare_identifiers_once() {
    for (name, schema) in openapi::webhooks().await {
        let schema: Value = serde_json::from_str(&schema).expect("a schema is JSON");
        walk(&schema, "", &mut |at, node| {
            let both = node["properties"]["_id"].is_object() && node["properties"]["id"].is_object();
            assert!(!both || node["properties"]["_id"]["x-go-name"].is_string(), "{name} {at}");
        });
    }
}
