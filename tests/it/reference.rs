//! The operations of the exported documents: parameters, errors, and roles.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use http::Method;
use serde_json::{Map, Value, json};
use tiledesk_mock::openapi::{self, Document, Encoding, Version};

use crate::support::{App, PROJECT, inlined, root, seed::OWNER_MEMBER};

async fn document(document: Document, version: Version) -> Value {
    let text = openapi::write(document, version, Encoding::Json).await;
    inlined(serde_json::from_str(&text).expect("the document is JSON"))
}

async fn v3() -> Value {
    document(Document::V3, Version::V31).await
}

/// Method, path, and node of each operation.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let items = document["paths"].as_object().expect("paths").iter();
    items.flat_map(|(path, item)| {
        item.as_object().expect("an item").iter().map(move |(method, operation)| (method, path, operation))
    })
}

fn id(operation: &Value) -> &str {
    operation["operationId"].as_str().expect("an id")
}

fn parameters<'a>(operation: &'a Value, place: &'a str) -> impl Iterator<Item = &'a Value> {
    operation["parameters"].as_array().into_iter().flatten().filter(move |parameter| parameter["in"] == place)
}

/// The path of an operation with its example parameters.
fn path(template: &str, operation: &Value) -> String {
    parameters(operation, "path").fold(template.to_owned(), |path, parameter| {
        let name = parameter["name"].as_str().expect("a name");
        path.replace(&format!("{{{name}}}"), parameter["example"].as_str().expect("an example"))
    })
}

#[tokio::test]
async fn every_path_parameter_has_an_example_from_the_default_world() {
    let app = App::new();
    let world = app.state().await.to_string();
    // Exceptions: values created by an earlier call or chosen by the caller, and keywords of the API.
    let excused = [
        ("get_pending_invitation", "pending_invitation_id"),
        ("remove_lead_tag", "tag"),
        ("create_request_with_id", "request_id"),
        ("get_tag_analytics", "type"),
    ];
    for document in [v3().await, document(Document::V1, Version::V31).await, document(Document::V3, Version::V30).await]
    {
        let mut seen = BTreeSet::new();
        for (_, _, operation) in operations(&document) {
            for parameter in parameters(operation, "path") {
                let name = parameter["name"].as_str().expect("a name");
                let example =
                    parameter["example"].as_str().unwrap_or_else(|| panic!("{}: {name} has no example", id(operation)));
                let exists = world.contains(&format!("\"{example}\""));
                let is_excused = excused.contains(&(id(operation), name));
                assert!(exists || is_excused, "{}: {name} {example}", id(operation));
                seen.insert(name.to_owned());
            }
        }
        assert!(seen.contains("project_id"), "{seen:?}");
    }
}

#[tokio::test]
async fn the_example_paths_can_be_read() {
    let app = App::new();
    let document = v3().await;
    let mut seen = 0;
    for (_, template, operation) in operations(&document).filter(|(method, ..)| *method == "get") {
        if id(operation) == "get_pending_invitation" || id(operation) == "check_password_reset_key" {
            continue;
        }
        let required = parameters(operation, "query").filter(|parameter| parameter["required"] == true);
        let query: Vec<_> = required
            .map(|parameter| {
                format!(
                    "{}={}",
                    parameter["name"].as_str().expect("a name"),
                    parameter["example"].as_str().expect("an example")
                )
            })
            .collect();
        let called = format!("/v3{}?{}", path(template, operation), query.join("&"));
        let answer = app.owner().get(&called).await;
        assert!(![400, 404, 422].contains(&answer.status.as_u16()), "{called} returns {}", answer.to_snapshot());
        seen += 1;
    }
    assert!(seen > 80, "{seen}");
}

#[tokio::test]
async fn sending_the_documented_defaults_changes_nothing() {
    let app = App::new();
    let document = v3().await;
    let mut seen = BTreeSet::new();
    for (_, template, operation) in operations(&document).filter(|(method, ..)| *method == "get") {
        let defaults: Vec<_> = parameters(operation, "query")
            .filter_map(|parameter| Some((parameter["name"].as_str()?, parameter["schema"].get("default")?)))
            .map(|(name, default)| format!("{name}={}", default.as_str().map_or(default.to_string(), str::to_owned)))
            .collect();
        if defaults.is_empty() {
            continue;
        }
        let path = format!("/v3{}", path(template, operation));
        let (without, with) =
            (app.owner().get(&path).await, app.owner().get(&format!("{path}?{}", defaults.join("&"))).await);
        assert_eq!(without.to_snapshot(), with.to_snapshot(), "{path}?{}", defaults.join("&"));
        seen.extend(defaults);
    }
    for default in ["page=0", "direction=-1", "sortField=createdAt", "limit=40", "limit=3000", "lastdays=7", "mode=csv"]
    {
        assert!(seen.contains(default), "{seen:?}");
    }
    // "sortField (string) — Field to sort results by (default: createdAt).", "limit (number) — Max number of results
    // (default: 40).", "page (number) — Page of results to fetch (defaults to first page)."
    let requests = &document["paths"]["/{project_id}/requests"]["get"];
    let defaults: Map<_, _> = parameters(requests, "query")
        .filter_map(|parameter| {
            Some((parameter["name"].as_str()?.to_owned(), parameter["schema"].get("default")?.clone()))
        })
        .collect();
    for (name, default) in
        [("sortField", json!("createdAt")), ("direction", json!("-1")), ("page", json!(0)), ("limit", json!(40))]
    {
        assert_eq!(defaults[name], default, "{name}");
    }
}

#[tokio::test]
async fn every_operation_documents_the_rate_limit_and_maintenance() {
    // "If the rate limit is exceeded, Tiledesk will respond with a HTTP 429 Too Many Requests response code and a body that
    // details the reason for the rate limiter kicking in." "…scheduled maintenance (during which we send a 503 Service
    // Unavailable status code)."
    for document in [v3().await, document(Document::V1, Version::V31).await, document(Document::V3, Version::V30).await]
    {
        for (_, _, operation) in operations(&document) {
            let (limited, down) = (&operation["responses"]["429"], &operation["responses"]["503"]);
            let schema = limited["content"]["application/json"]["schema"]["$ref"].as_str().expect("a reference");
            let schema = &document.pointer(&schema[1..]).expect("a schema")["properties"];
            assert!(["message", "limit", "window"].iter().all(|name| schema[name].is_object()), "{}", id(operation));
            assert_eq!(limited["headers"]["Retry-After"]["schema"]["type"], "integer", "{}", id(operation));
            assert!(down["content"]["application/json"].is_object(), "{}", id(operation));
        }
        let fields = &document["components"]["schemas"]["Refusal"]["properties"];
        for name in ["message", "limit", "window"] {
            assert!(fields[name].is_object(), "{name}");
        }
    }
}

#[tokio::test]
async fn no_schema_declares_an_identifier_twice() {
    fn declares_both(node: &Value) -> bool {
        match node {
            Value::Object(object) => {
                // Where the two differ, `x-go-name` keeps generated names distinct.
                let renamed = |properties: &Value| properties["_id"]["x-go-name"].is_string();
                let both = |properties: &Value| {
                    properties["_id"].is_object() && properties["id"].is_object() && !renamed(properties)
                };
                object.get("properties").is_some_and(both) || object.values().any(declares_both)
            }
            Value::Array(parts) => parts.iter().any(declares_both),
            _ => false,
        }
    }

    for (which, version) in [
        (Document::V3, Version::V31),
        (Document::V3, Version::V30),
        (Document::V1, Version::V31),
        (Document::Control, Version::V31),
    ] {
        let document = document(which, version).await;
        for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
            assert!(!declares_both(schema), "{which:?}: {name}");
        }
    }
    let app = App::new();
    let teammate = app.owner().get(&format!("{PROJECT}/project_users/{OWNER_MEMBER}")).await.json_of(200);
    assert_eq!(teammate["id"], teammate["_id"], "responses have both");
}

#[tokio::test]
async fn public_operations_are_listed_as_deviations() {
    // "You must be a Tiledesk user to make API requests."
    let page = fs::read_to_string(root().join("docs/deviations.md")).expect("the page");
    let line =
        page.lines().find(|line| line.starts_with("- These operations need no credentials")).expect("a deviation");
    let listed: BTreeSet<_> = line.split('`').skip(1).step_by(2).collect();
    let document = v3().await;
    let public = operations(&document).filter(|(_, _, operation)| operation["security"] == json!([]));
    assert_eq!(public.map(|(_, _, operation)| id(operation)).collect::<BTreeSet<_>>(), listed);
}

#[tokio::test]
async fn operations_describe_access_rules_beyond_the_role() {
    let document = v3().await;
    let description = |wanted: &str| {
        let (_, _, operation) =
            operations(&document).find(|(_, _, operation)| id(operation) == wanted).expect("it exists");
        operation["description"].as_str().expect("a description").to_owned()
    };
    // "PUT …/close": "Basic Auth or JWT. Minimum role: agent."
    for operation in ["close_request", "add_request_note", "delete_request_note"] {
        let text = description(operation);
        assert!(text.contains("Minimum role: agent.") && text.contains("403"), "{operation}: {text}");
    }
    // "PATCH …/rating": "Basic Auth or JWT. Minimum role: guest."
    let text = description("rate_request");
    assert!(text.contains("Minimum role: guest.") && text.contains("404"), "{text}");
}

#[tokio::test]
async fn requests_are_described_as_on_their_page() {
    let document = v3().await;
    let request = &document["components"]["schemas"]["Request"]["properties"];
    // "Priority of the request. Values: normal (default), low, hight, urgent."
    let priority = request["priority"]["description"].as_str().expect("a description");
    assert!(priority.contains("`normal` (default)") && priority.contains("`hight`"), "{priority}");
    // "Location of the request obtained by a geo search based on the client's IP address."
    let location = document["components"]["schemas"]["Request"]["properties"]["location"].to_string();
    assert!(location.contains("IP address"), "{location}");
    // "channel (string) — Filter by channel name. Possible values: "chat21", "email", "form", "whatsapp", "telegram",
    // "messenger"."
    let requests = &document["paths"]["/{project_id}/requests"]["get"];
    let channel = parameters(requests, "query").find(|parameter| parameter["name"] == "channel").expect("a parameter");
    let text = channel["description"].as_str().expect("a description");
    for name in ["chat21", "email", "form", "whatsapp", "telegram", "messenger"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    // "rate (number) — rate from 0 to 5", "rate_message (string) — the rate message"
    let rating = &document["paths"]["/{project_id}/requests/{request_id}/rating"]["patch"];
    let examples = &rating["requestBody"]["content"]["application/json"]["examples"];
    let printed = json!({"rate": 5, "rate_message": "great work"});
    assert!(examples.as_object().expect("examples").values().any(|example| example["value"] == printed), "{examples}");
}

#[tokio::test]
async fn every_example_matches_its_schema_and_every_reference_resolves() {
    /// Collects the schemas that a node refers to, transitively.
    fn reach<'a>(node: &'a Value, document: &'a Value, found: &mut BTreeMap<&'a str, &'a Value>) {
        match node {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str)
                    && !found.contains_key(reference)
                {
                    let target =
                        document.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference} does not resolve"));
                    found.insert(reference, target);
                    reach(target, document, found);
                }
                object.values().for_each(|part| reach(part, document, found));
            }
            Value::Array(parts) => parts.iter().for_each(|part| reach(part, document, found)),
            _ => {}
        }
    }

    for which in [Document::V3, Document::V1, Document::Control] {
        let document = document(which, Version::V31).await;
        reach(&document, &document, &mut BTreeMap::new());
        for (_, _, operation) in operations(&document) {
            let responses = operation["responses"].as_object().expect("responses").values();
            let contents = responses.chain([&operation["requestBody"]]).filter_map(|part| part["content"].as_object());
            for (kind, media) in contents.flatten().filter(|(kind, _)| *kind == "application/json") {
                let mut found = BTreeMap::new();
                reach(&media["schema"], &document, &mut found);
                let schemas =
                    found.into_iter().map(|(path, schema)| (path.rsplit('/').next().expect("a name"), schema));
                let schemas: BTreeMap<_, _> = schemas.collect();
                let whole = json!({"allOf": [media["schema"]], "components": {"schemas": schemas}});
                let validator = jsonschema::validator_for(&whole).expect("a schema");
                for (name, example) in media["examples"].as_object().into_iter().flatten() {
                    if let Err(error) = validator.validate(&example["value"]) {
                        panic!("{} {kind} {name}: {error} at {}", id(operation), error.instance_path());
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn documented_methods_are_served() {
    let app = App::new();
    let document = v3().await;
    for (method, template, operation) in operations(&document) {
        let method: Method = method.to_uppercase().parse().expect("a method");
        let status = app.nobody().call(method, &format!("/v3{}", path(template, operation)), None).await.status;
        assert!(![404, 405, 501].contains(&status.as_u16()) || operation["security"] == json!([]), "{}", id(operation));
    }
}
