//! Pact files as written by consumer libraries, according to versions 3 and 4 of the specification.

use serde_json::{Value, json};

use super::{LEAD, OWNER, pact, reading, verified};
use crate::support::PROJECT;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_of_provider_states_fill_requests() {
    let lead = LEAD.rsplit('/').next().expect("an id");
    let interactions = json!([{
        "description": "a request for a lead",
        "providerStates": [{"name": "a lead exists", "params": {"id": lead}}, {"name": "it is called", "params": {"name": "Ada", "zip": 70125}}],
        "request": {
            "method": "PUT",
            "path": format!("{PROJECT}/leads/5c81593adf767b0000000000"),
            "headers": {"Authorization": OWNER, "Content-Type": "application/json"},
            "body": {"fullname": "example", "attributes": {"zip": 1, "date": "2020-01-01"}},
            "generators": {
                "path": {"type": "ProviderState", "expression": format!("{PROJECT}/leads/${{id}}"), "dataType": "STRING"},
                "body": {
                    "$.fullname": {"type": "ProviderState", "expression": "${name}"},
                    "$.attributes['zip']": {"type": "ProviderState", "expression": "${zip}", "dataType": "INTEGER"},
                    "$.attributes.date": {"type": "Date", "format": "yyyy-MM-dd"},
                },
            },
        },
        "response": {"status": 200, "body": {"_id": lead, "fullname": "Ada", "attributes": {"zip": 70125, "date": "2020-01-01"}}},
    }]);
    let report = verified(&pact("3.0.0", &interactions)).await;
    assert!(report.is_honored(), "{:?}", report.interactions);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_is_sent_if_the_parameter_is_missing() {
    let mut interactions = reading(&json!({"status": 200}));
    interactions[0]["request"]["generators"] = json!({"path": {"type": "ProviderState", "expression": "/v3/nowhere/${id}"}, "header": {"X-A": {"type": "Uuid"}}});
    assert!(verified(&pact("3.0.0", &interactions)).await.is_honored());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pending_interaction_does_not_break_a_pact_of_version_4() {
    let interaction = |pending: bool| {
        json!({
            "type": "Synchronous/HTTP", "key": "1", "pending": pending, "description": "a teapot",
            "comments": {"testname": "a test", "text": []},
            "request": {"method": "GET", "path": LEAD, "headers": {"Authorization": [OWNER]}},
            "response": {"status": 418},
        })
    };
    let report = verified(&pact("4.0", &json!([interaction(true)]))).await;
    assert!(report.is_honored() && report.interactions[0].pending, "{:?}", report.interactions);
    let text = report.write(tiledesk_mock::pact::Format::Text);
    assert!(text.starts_with("pending  shop: a teapot") && text.ends_with("0 of 1 interaction honored\n"), "{text}");
    assert!(!verified(&pact("4.0", &json!([interaction(false)]))).await.is_honored());
}

/// The mismatches in the list of all departments, in a pact of version 4.
async fn of_departments(body: Value, rules: Value) -> Vec<String> {
    let response = json!({
        "status": 200,
        "headers": {"Content-Type": ["application/json"]},
        "body": {"content": body, "contentType": "application/json", "encoded": false},
        "matchingRules": {"body": rules, "header": {"Content-Type": {"combine": "AND", "matchers": [{"match": "regex", "regex": "application/json.*"}]}}},
    });
    let request = json!({"method": "GET", "path": format!("{PROJECT}/departments/allstatus"), "headers": {"Authorization": [OWNER]}});
    let interactions =
        json!([{"type": "Synchronous/HTTP", "description": "departments", "request": request, "response": response}]);
    verified(&pact("4.0", &interactions)).await.interactions.remove(0).response
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn combined_rules_and_wildcards_follow_the_specification() {
    let each = json!({"combine": "AND", "matchers": [{"match": "type", "min": 1}]});
    let id = json!({"combine": "AND", "matchers": [{"match": "type"}, {"match": "regex", "regex": "[0-9a-f]{24}"}]});
    let rules = json!({"$": each, "$[*]._id": id, "$[*].*": {"combine": "AND", "matchers": [{"match": "type"}]}});
    let found = of_departments(json!([{"_id": "x", "name": "any", "default": true}]), rules.clone()).await;
    assert!(found.is_empty(), "{found:?}");
    let found = of_departments(json!([{"_id": "x", "name": 5}]), rules).await;
    assert!(found.iter().all(|one| one.contains(".name: expected a number")) && !found.is_empty(), "{found:?}");
    let either = json!({"$": {"combine": "OR", "matchers": [{"match": "null"}, {"match": "type"}]}});
    assert!(of_departments(json!([{"name": "x"}]), either).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_may_be_matched_by_its_content_type_only() {
    for (kind, honored) in [("application/json", true), ("image/png", false)] {
        let rules = json!({"$": {"matchers": [{"match": "contentType", "value": kind}]}});
        assert_eq!(of_departments(json!({"any": "thing"}), rules).await.is_empty(), honored, "{kind}");
    }
}
