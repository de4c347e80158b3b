//! The exported documents: the committed files are current, and follow the documentation rules.

use std::collections::BTreeSet;

use serde_json::Value;
use tiledesk_mock::openapi::{self, Document, Encoding, Version};

use crate::support::{assert_file, inlined};

#[tokio::test]
async fn the_committed_documents_are_current() {
    for (file, document, version) in [
        ("openapi/tiledesk-v3.json", Document::V3, Version::V31),
        ("openapi/tiledesk-v3.openapi-3.0.json", Document::V3, Version::V30),
        ("openapi/tiledesk-v1.json", Document::V1, Version::V31),
        ("openapi/control.json", Document::Control, Version::V31),
    ] {
        assert_file(file, &openapi::write(document, version, Encoding::Json).await);
    }
    assert_file("openapi/operations.txt", &openapi::operations());
}

#[tokio::test]
async fn every_event_has_a_schema_and_a_valid_example() {
    let text = openapi::write(Document::V3, Version::V31, Encoding::Json).await;
    let document: Value = serde_json::from_str(&text).expect("a document is JSON");
    let schemas = openapi::webhooks().await;
    assert_eq!(document["webhooks"].as_object().map(serde_json::Map::len), Some(schemas.len()));
    for (name, schema) in schemas {
        assert_file(&format!("openapi/webhooks/{name}.json"), &schema);
        let schema = serde_json::from_str(&schema).expect("a schema is JSON");
        let validator = jsonschema::validator_for(&schema).expect("a schema is valid");
        let reference = document["webhooks"][&name]["$ref"].as_str().expect("a reference");
        let item = document.pointer(&reference[1..]).expect("the reference resolves");
        let media = &item["post"]["requestBody"]["content"]["application/json"];
        let example = &media["examples"]["told"]["value"];
        assert!(example.is_object(), "{name} has an example");
        if let Err(error) = validator.validate(example) {
            panic!("{name}: {error} at {}", error.instance_path());
        }
    }
}

/// (method, path, operation) of a document.
async fn operations(document: Document) -> Vec<(String, String, Value)> {
    let text = openapi::write(document, Version::V31, Encoding::Json).await;
    let document = inlined(serde_json::from_str(&text).expect("a document is JSON"));
    let paths = document["paths"].as_object().expect("paths").clone();
    let all = paths.into_iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("a path item").clone();
        item.into_iter().map(move |(method, operation)| (method, path.clone(), operation))
    });
    all.collect()
}

#[tokio::test]
async fn every_operation_follows_the_documentation_rules() {
    for document in [Document::V3, Document::V1, Document::Control] {
        let mut ids = BTreeSet::new();
        for (method, path, operation) in operations(document).await {
            let at = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{at} has no id"));
            assert!(ids.insert(id.to_owned()), "{id} occurs twice");
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{id} is in snake_case");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{id} has one tag");
            for key in ["summary", "description"] {
                assert!(operation[key].as_str().is_some_and(|text| text.len() > 4), "{id} has a {key}");
            }
            let words = operation["summary"].as_str().unwrap_or_default().split_whitespace().count();
            assert!((3..=6).contains(&words), "the summary of {id} has {words} words instead of three to six");
            assert!(operation["security"].is_array(), "{id} declares whether it needs credentials");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{id} {}", parameter["name"]);
            }
            let responses = operation["responses"].as_object().expect("responses");
            assert!(responses.keys().any(|status| status.starts_with('2')), "{id} can succeed");
            assert!(responses.values().all(|response| response["description"].is_string()), "{id}");
            for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('2')) {
                let described = response["description"].as_str().unwrap_or_default();
                assert!(
                    described.split_whitespace().count() >= 2,
                    "{id} {status} is described by its content, not {described:?}"
                );
            }
            if document == Document::Control {
                continue;
            }
            let done = responses.get("200").or(responses.get("201")).expect("an operation succeeds with 200 or 201");
            let content = done["content"].as_object().expect("a success has content");
            // The bytes of a file cannot be shown.
            let shown = |media: &str| !matches!(media, "*/*" | "application/octet-stream" | "multipart/form-data");
            for (media, content) in content {
                assert!(!shown(media) || content["examples"].is_object(), "{id} has a response example");
            }
            let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
            for (_, media) in bodies.filter(|(media, _)| shown(media)) {
                let optional = operation["requestBody"]["required"] != true;
                assert!(optional || media["examples"].is_object(), "{id} has a body example");
            }
        }
    }
}

#[tokio::test]
async fn version_1_has_exactly_the_documented_operations() {
    let operations = operations(Document::V1).await;
    let lines: Vec<_> = operations
        .iter()
        .map(|(method, path, operation)| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            let query: Vec<_> = query.filter_map(|parameter| parameter["name"].as_str()).collect();
            format!("{method} {path} {}", query.join(" "))
        })
        .collect();
    insta::assert_snapshot!("first_version", lines.join("\n"));
}
