//! Consumer pacts and provider states.

mod specification;
mod state;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tiledesk_mock::pact::{Report, verify};

use crate::support::{App, PROJECT};

const OWNER: &str = "Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2";
const LEAD: &str = "/v3/5b55e806c93dde00143163dd/leads/5c81593adf767b0017d1aa66";

fn pact(version: &str, interactions: &Value) -> Value {
    json!({
        "consumer": {"name": "shop"},
        "provider": {"name": "tiledesk"},
        "interactions": interactions,
        "metadata": {"pactSpecification": {"version": version}},
    })
}

/// An interaction that reads a lead.
fn reading(response: &Value) -> Value {
    let request = json!({"method": "GET", "path": LEAD, "headers": {"Authorization": OWNER}});
    json!([{"description": "a lead", "request": request, "response": response}])
}

fn written(folder: &Path, name: &str, content: &Value) -> PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, content.to_string()).expect("a file");
    file
}

async fn verified(pact: &Value) -> Report {
    let folder = TempDir::new().expect("a folder");
    let file = written(folder.path(), "pact.json", pact);
    verify(&[file], None, None).await.expect("a pact")
}

/// The mismatches in the response of the only interaction.
async fn mismatches(response: &Value) -> Vec<String> {
    verified(&pact("3.0.0", &reading(response))).await.interactions.remove(0).response
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_honored_pact_of_version_3_is_reported() {
    let response = json!({
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "body": {"_id": "5c81593adf767b0017d1aa66", "fullname": "somebody", "createdAt": "2020-01-01T00:00:00.000Z", "tags": []},
        "matchingRules": {"body": {
            "$._id": {"matchers": [{"match": "regex", "regex": "[0-9a-f]{24}"}]},
            "$.fullname": {"matchers": [{"match": "type"}]},
            "$.createdAt": {"matchers": [{"match": "datetime", "format": "yyyy-MM-dd'T'HH:mm:ss.SSSX"}]},
        }},
    });
    let report = verified(&pact("3.0.0", &reading(&response))).await;
    assert!(report.is_honored(), "{:?}", report.interactions);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_honored_pact_of_version_4_is_reported() {
    let interactions = json!([
        {
            "type": "Synchronous/HTTP",
            "description": "a new lead",
            "request": {
                "method": "POST", "path": format!("{PROJECT}/leads"), "headers": {"Authorization": [OWNER]},
                "body": {"content": {"fullname": "Ada"}, "contentType": "application/json", "encoded": false},
            },
            "response": {"status": 200, "body": {"content": {"fullname": "Ada"}, "contentType": "application/json", "encoded": false}},
        },
        {"type": "Asynchronous/Messages", "description": "a message", "contents": {}},
    ]);
    let report = verified(&pact("4.0", &interactions)).await;
    assert!(report.is_honored(), "{:?}", report.interactions);
    assert!(report.interactions[1].skipped);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_statuses_headers_and_values_are_found() {
    assert_eq!(mismatches(&json!({"status": 201})).await, ["status: expected 201, got 200"]);
    let response = json!({"status": 200, "headers": {"X-Nothing": "1"}});
    assert_eq!(mismatches(&response).await, ["header X-Nothing: missing"]);
    let response = json!({"status": 200, "body": {"fullname": "Ada", "nickname": "A"}});
    assert_eq!(mismatches(&response).await, ["$.fullname: expected \"Ada\", got \"Guest\"", "$.nickname: missing"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_matcher_accepts_and_rejects() {
    // The lead has `fullname` "Guest", `status` 100, `tags` [], and `createdAt` 2019-03-07T17:47:38.393Z.
    let cases = [
        ("fullname", json!("x"), json!({"match": "type"}), true),
        ("fullname", json!(1), json!({"match": "type"}), false),
        ("fullname", json!("Guest"), json!({"match": "equality"}), true),
        ("fullname", json!("Ada"), json!({"match": "equality"}), false),
        ("fullname", json!("x"), json!({"match": "regex", "regex": "G.*t"}), true),
        ("fullname", json!("x"), json!({"match": "regex", "regex": "G"}), false),
        ("fullname", json!("x"), json!({"match": "include", "value": "ues"}), true),
        ("fullname", json!("x"), json!({"match": "include", "value": "z"}), false),
        ("fullname", json!("x"), json!({"match": "notEmpty"}), true),
        ("fullname", json!("x"), json!({"match": "number"}), false),
        ("fullname", json!("x"), json!({"match": "boolean"}), false),
        ("fullname", json!("x"), json!({"match": "null"}), false),
        ("fullname", json!("x"), json!({"match": "semver"}), false),
        ("status", json!(1), json!({"match": "integer"}), true),
        ("status", json!(1), json!({"match": "number"}), true),
        ("status", json!(1.5), json!({"match": "decimal"}), false),
        ("tags", json!([]), json!({"match": "type"}), true),
        ("tags", json!(["x"]), json!({"match": "type", "min": 1}), false),
        ("tags", json!(["x"]), json!({"match": "type", "max": 2}), true),
        ("createdAt", json!("x"), json!({"match": "date", "format": "yyyy-MM-dd"}), false),
        ("createdAt", json!("x"), json!({"match": "timestamp", "format": "yyyy-MM-dd'T'HH:mm:ss.SSSZ"}), true),
    ];
    for (field, example, matcher, accepts) in cases {
        let rules = json!({"body": {format!("$.{field}"): {"matchers": [matcher]}}});
        let found = mismatches(&json!({"status": 200, "body": {field: example}, "matchingRules": rules})).await;
        assert_eq!(found.is_empty(), accepts, "{field} {matcher}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_element_must_match_the_first_example() {
    let request =
        json!({"method": "GET", "path": format!("{PROJECT}/departments"), "headers": {"Authorization": OWNER}});
    let response = |name: Value| {
        json!({
            "status": 200,
            "body": [{"_id": "x", "name": name}],
            "matchingRules": {"body": {"$": {"matchers": [{"match": "type", "min": 1}]}}},
        })
    };
    for (name, accepts) in [(json!("any"), true), (json!(5), false)] {
        let interactions = json!([{"description": "departments", "request": request, "response": response(name)}]);
        let report = verified(&pact("3.0.0", &interactions)).await;
        assert_eq!(report.interactions[0].response.is_empty(), accepts, "{:?}", report.interactions[0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undocumented_operations_fields_and_statuses_are_found() {
    let undocumented = json!([
        {"description": "teapot", "request": {"method": "GET", "path": LEAD, "headers": {"Authorization": OWNER}}, "response": {"status": 418}},
        {"description": "typo", "request": {
            "method": "POST", "path": format!("{PROJECT}/segments"), "headers": {"Authorization": OWNER},
            "body": {"name": "s", "filtres": []},
        }, "response": {"status": 200}},
        {"description": "nowhere", "request": {"method": "GET", "path": "/v3/nowhere/at/all"}, "response": {"status": 404}},
    ]);
    let report = verified(&pact("3.0.0", &undocumented)).await;
    let document: Vec<_> = report.interactions.iter().map(|one| one.document.clone()).collect();
    assert_eq!(document[0], ["status 418 is not documented"]);
    assert!(document[1][0].starts_with("request /filtres:"), "{document:?}");
    assert_eq!(document[2], ["no operation has this method and path"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn provider_states_are_worlds_of_a_directory() {
    let folder = TempDir::new().expect("a folder");
    let mut interactions = reading(&json!({"status": 400}));
    interactions[0]["providerStates"] = json!([{"name": "no projects exist", "params": {"a": 1}}]);
    let file = written(folder.path(), "pact.json", &pact("3.0.0", &interactions));
    let states = folder.path().join("states");
    std::fs::create_dir(&states).expect("a folder");
    let report = verify(std::slice::from_ref(&file), None, Some(states.clone())).await.expect("a pact");
    let unknown = &report.interactions[0].response[0];
    assert!(unknown.contains("unknown provider state `no projects exist`"), "{unknown}");
    let world: Value =
        serde_json::from_str(&tiledesk_mock::fixtures::dump(None).expect("a valid world")).expect("JSON");
    written(&states, "no-projects-exist.json", &json!({"users": world["users"]}));
    let report = verify(&[file], None, Some(states)).await.expect("a pact");
    assert!(report.interactions[0].response.is_empty(), "{:?}", report.interactions[0]);
}

#[tokio::test]
async fn files_that_are_not_pacts_are_rejected_with_the_location() {
    let folder = TempDir::new().expect("a folder");
    for (content, expected) in [
        (json!({}), "/metadata/pactSpecification/version is missing"),
        (pact("2.0.0", &json!([])), "expected 3 or 4, got 2.0.0"),
        (pact("3.0.0", &json!([{"request": {}}])), "/interactions/0/response: expected an object"),
        (
            pact("3.0.0", &reading(&json!({"matchingRules": {"body": {"$.a": {"matchers": [{"match": "magic"}]}}}}))),
            "/interactions/0/response/matchingRules/body/$.a: the matcher `magic` is not supported",
        ),
    ] {
        let file = written(folder.path(), "pact.json", &content);
        let error = verify(&[file], None, None).await.expect_err("no pact");
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_provider_state_restores_the_snapshot_of_its_name() {
    let app = App::new();
    let control = app.nobody();
    control.post("/_control/snapshots/as-loaded", Value::Null).await.json_of(200);
    app.owner().delete(LEAD).await.json_of(200);
    let body = json!({"consumer": "shop", "state": "as-loaded", "params": {"n": 1}, "action": "setup"});
    let answer = control.post("/_control/pact/states", body).await.json_of(200);
    assert_eq!(answer, json!({"sandbox": "default", "state": "as-loaded", "params": {"n": 1}}));
    assert_eq!(app.owner().get(LEAD).await.json_of(200)["status"], 100);
}

#[tokio::test]
async fn a_teardown_resets_the_sandbox() {
    let app = App::new();
    app.owner().post(&format!("{PROJECT}/tags"), json!({"tag": "new"})).await.json_of(200);
    let body = json!({"state": "whatever", "action": "teardown"});
    assert_eq!(app.nobody().post("/_control/pact/states", body).await.json_of(200), json!({"sandbox": "default"}));
    assert_eq!(app.owner().get(&format!("{PROJECT}/tags")).await.json_of(200), json!([]));
}

#[tokio::test]
async fn an_unknown_provider_state_is_404_with_a_suggestion() {
    let app = App::new();
    app.nobody().post("/_control/snapshots/no-leads", Value::Null).await.json_of(200);
    let answer = app.nobody().post("/_control/pact/states", json!({"state": "no-leeds"})).await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("did you mean `no-leads`?"), "{}", answer.text());
}
