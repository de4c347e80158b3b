//! Comparison of documents.

use serde_json::{Value, json};
use tiledesk_mock::openapi::diff::{Diff, Effect, Format, read};

/// A document with one operation, `POST /leads`.
fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "paths": {"/leads": {"post": {
            "security": [],
            "parameters": [{"in": "query", "name": "page", "schema": {"type": "integer", "maximum": 100}}],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewLead"}}}},
            "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Lead"}}}}},
        }}},
        "components": {"schemas": {
            "NewLead": {"type": "object", "properties": {"name": {"type": "string"}, "kind": {"enum": ["a", "b"]}}},
            "Lead": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "kind": {"enum": ["a", "b"]}, "parent": {"$ref": "#/components/schemas/Lead"},
            }},
        }},
    })
}

/// The changes after an edit, as `place: what`, with a leading `!` if they are breaking.
fn changes(edit: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut new = document();
    edit(&mut new);
    let diff = Diff::new(&document(), &new).expect("two documents");
    let line = |change: &tiledesk_mock::openapi::diff::Change| {
        let mark = if change.effect == Effect::Breaking { "! " } else { "" };
        format!("{mark}{}: {}", change.place, change.what)
    };
    diff.changes().map(line).collect()
}

#[test]
fn equal_documents_have_no_changes() {
    assert_eq!(changes(|_| {}), <[String; 0]>::default());
    let diff = Diff::new(&document(), &document()).expect("two documents");
    assert_eq!(diff.write(Format::Markdown), "No changes for clients.\n");
}

#[test]
fn operations_and_parameters_are_compared() {
    assert_eq!(changes(|new| new["paths"] = json!({})), ["! POST /leads: operation removed"]);
    assert_eq!(
        changes(|new| new["paths"]["/leads"]["get"] = json!({"responses": {}})),
        ["GET /leads: operation added"]
    );
    let operation = "/paths/~1leads/post";
    let at = |new: &mut Value, pointer: &str, value: Value| {
        *new.pointer_mut(&format!("{operation}{pointer}")).expect("it is there") = value;
    };
    assert_eq!(changes(|new| at(new, "/parameters", json!([]))), ["! POST /leads: query parameter page removed"]);
    assert_eq!(
        changes(|new| at(new, "/parameters/0/schema/maximum", json!(50))),
        ["! POST /leads: query parameter page must satisfy maximum 50 (was 100)"]
    );
    assert_eq!(changes(|new| at(new, "/parameters/0/schema/maximum", json!(500))), <[String; 0]>::default());
    assert_eq!(
        changes(|new| at(new, "/security", json!([{"basic": []}]))),
        ["! POST /leads: credentials are now required"]
    );
    assert_eq!(
        changes(|new| new["paths"]["/leads"]["post"]["requestBody"]["required"] = json!(true)),
        ["! POST /leads: a body is now required"]
    );
}

/// The changes of an operation between two `security` lists.
fn security_changes(old: &Value, new: &Value) -> Vec<String> {
    let documents = [old, new].map(|security| {
        let mut document = document();
        document["paths"]["/leads"]["post"]["security"] = security.clone();
        document["components"]["securitySchemes"] = json!({
            "basic": {"type": "http", "scheme": "basic"},
            "password": {"type": "http", "scheme": "basic", "description": "The same under another name."},
            "jwt": {"type": "apiKey", "in": "header", "name": "Authorization"},
        });
        document
    });
    let diff = Diff::new(&documents[0], &documents[1]).expect("two documents");
    let line = |change: &tiledesk_mock::openapi::diff::Change| {
        let mark = if change.effect == Effect::Breaking { "! " } else { "" };
        format!("{mark}{}", change.what)
    };
    diff.changes().map(line).collect()
}

#[test]
fn credentials_that_no_longer_suffice_are_breaking() {
    let both = json!([{"basic": []}, {"jwt": []}]);
    let no_basic = "! credentials for basic no longer suffice";
    assert_eq!(security_changes(&both, &json!([{"jwt": []}])), [no_basic]);
    let no_jwt = "! credentials for jwt no longer suffice";
    assert_eq!(security_changes(&both, &json!([{"key": []}])), [no_basic, no_jwt, "credentials for key suffice"]);
    assert_eq!(security_changes(&both, &json!([{"basic": [], "jwt": []}])), [no_basic, no_jwt]);
    assert_eq!(
        security_changes(&json!([{"jwt": ["read"]}]), &json!([{"jwt": ["read", "write"]}])),
        [no_jwt],
        "a further scope is required"
    );
    assert_eq!(security_changes(&json!([]), &json!([{"jwt": []}])), ["! credentials are now required"]);
}

#[test]
fn further_credentials_that_suffice_are_not_breaking() {
    let (basic, both) = (json!([{"basic": []}]), json!([{"basic": []}, {"jwt": []}]));
    assert_eq!(security_changes(&basic, &both), ["credentials for jwt suffice"]);
    assert_eq!(security_changes(&basic, &json!([{"basic": []}, {}])), ["credentials are no longer required"]);
    assert_eq!(security_changes(&basic, &json!([{"password": []}])), <[String; 0]>::default(), "only the name differs");
    let and = json!([{"basic": [], "jwt": []}]);
    assert_eq!(security_changes(&and, &basic), ["credentials for basic suffice"], "either alone satisfies less");
}

#[test]
fn the_credentials_of_a_document_are_the_default_of_its_operations() {
    let without = |security: Value| {
        let mut document = document();
        document["security"] = security;
        document["paths"]["/leads"]["post"].as_object_mut().expect("an operation").remove("security");
        document
    };
    let (old, new) = (without(json!([{"basic": []}])), without(json!([{"jwt": []}])));
    let diff = Diff::new(&old, &new).expect("two documents");
    assert!(diff.is_breaking(), "{}", diff.write(Format::Text));
    let mut explicit = old.clone();
    explicit["paths"]["/leads"]["post"]["security"] = json!([{"basic": []}]);
    assert_eq!(Diff::new(&old, &explicit).expect("two documents").changes().count(), 0);
}

#[test]
fn path_parameters_are_compared_by_position() {
    let named = |project: &str, lead: &str, kind: &str| {
        let parameter =
            |name: &str, kind: &str| json!({"in": "path", "name": name, "required": true, "schema": {"type": kind}});
        let mut document = document();
        document["paths"] = json!({format!("/{{{project}}}/leads/{{{lead}}}"): {
            "parameters": [parameter(project, "string")],
            "get": {"parameters": [parameter(lead, kind)], "responses": {}},
        }});
        document
    };
    let old = named("project_id", "lead_id", "string");
    let renamed = Diff::new(&old, &named("pid", "project_id", "string")).expect("two documents");
    assert_eq!(renamed.write(Format::Text), "No changes for clients.\n");
    let changed = Diff::new(&old, &named("pid", "id", "integer")).expect("two documents");
    let found: Vec<_> = changed.changes().map(|change| format!("{}: {}", change.place, change.what)).collect();
    assert_eq!(found[0], "GET /{project_id}/leads/{lead_id}: path parameter lead_id may no longer be string");
}

#[test]
fn sent_values_may_be_widened_but_not_narrowed() {
    let schema = |new: &mut Value, edit: &dyn Fn(&mut Value)| edit(&mut new["components"]["schemas"]["NewLead"]);
    assert_eq!(
        changes(|new| schema(new, &|lead| lead["required"] = json!(["name"]))),
        ["! NewLead (sent): name is now required"]
    );
    assert_eq!(
        changes(|new| schema(new, &|lead| lead["properties"]["kind"]["enum"] = json!(["a"]))),
        ["! NewLead (sent): kind may no longer be \"b\""]
    );
    assert_eq!(
        changes(|new| schema(new, &|lead| lead["properties"]["kind"]["enum"] = json!(["a", "b", "c"]))),
        ["NewLead (sent): kind may be \"c\""]
    );
    assert_eq!(
        changes(|new| schema(new, &|lead| lead["properties"]["name"]["type"] = json!("integer"))),
        ["! NewLead (sent): name may no longer be string", "NewLead (sent): name may be integer"]
    );
    assert_eq!(
        changes(|new| schema(new, &|lead| lead["additionalProperties"] = json!(false))),
        ["! NewLead (sent): may no longer have other properties"]
    );
}

#[test]
fn received_values_may_be_narrowed_but_not_widened() {
    let schema = |new: &mut Value, edit: &dyn Fn(&mut Value)| edit(&mut new["components"]["schemas"]["Lead"]);
    assert_eq!(
        changes(|new| schema(new, &|lead| lead["required"] = json!([]))),
        ["! Lead (received): name may be missing"]
    );
    assert_eq!(
        changes(|new| schema(new, &|lead| lead["properties"]["kind"]["enum"] = json!(["a", "b", "c"]))),
        ["! Lead (received): kind can be \"c\""]
    );
    assert_eq!(
        changes(|new| schema(new, &|lead| lead["properties"]["name"]["type"] = json!(["string", "null"]))),
        ["! Lead (received): name can be null"]
    );
    assert_eq!(
        changes(|new| schema(new, &|lead| lead["properties"]["age"] = json!({"type": "integer"}))),
        ["Lead (received): age added"]
    );
    assert_eq!(
        changes(|new| schema(new, &|lead| {
            lead["properties"].as_object_mut().expect("properties").remove("kind");
        })),
        ["! Lead (received): kind removed"]
    );
}

#[test]
fn documents_are_read_as_json_or_yaml() {
    assert_eq!(read("openapi: 3.1.0\npaths: {}\n").expect("YAML")["openapi"], "3.1.0");
    assert!(read("{\"openapi\":").expect_err("cut").starts_with("invalid JSON: EOF"));
    let error = Diff::new(&json!({}), &document()).err().expect("no document");
    assert_eq!(error, "the old file is not an OpenAPI document: it needs `openapi` and `paths`");
}

#[tokio::test]
async fn the_exported_document_is_compatible_with_itself() {
    use tiledesk_mock::openapi::{Document, Encoding, Version, write};

    let text = write(Document::V3, Version::V31, Encoding::Yaml).await;
    let document = read(&text).expect("a document");
    assert_eq!(Diff::new(&document, &document).expect("documents").changes().count(), 0);
}

#[test]
fn documents_of_different_versions_are_compared_with_a_note() {
    let mut new = document();
    new["openapi"] = json!("3.0.3");
    let diff = Diff::new(&document(), &new).expect("two documents");
    let note = "the old document is OpenAPI 3.1 and the new one 3.0, which describe some values differently; compare \
                documents of the same version";
    assert_eq!(diff.write(Format::Text), format!("No changes for clients.\nnote: {note}\n"));
    assert_eq!(diff.write(Format::Markdown), format!("No changes for clients.\n\n> Note: {note}.\n"));
    let told: Value = serde_json::from_str(&diff.write(Format::Json)).expect("JSON");
    assert_eq!((&told["breaking"], &told["note"]), (&json!(false), &json!(note)));
    new["openapi"] = json!("3.1.1");
    assert_eq!(Diff::new(&document(), &new).expect("two documents").note(), None, "patches change nothing");
}
