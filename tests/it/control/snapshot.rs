//! Snapshots, the differences between them, and sandboxes that start from one.

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT, seed::LEAD};

fn leads() -> String {
    format!("{PROJECT}/leads")
}

#[tokio::test]
async fn a_snapshot_restores_documents_and_ids() {
    let app = App::new();
    let (nobody, agent) = (app.nobody(), app.agent());
    agent.post(&leads(), json!({"lead_id": "1"})).await.json_of(200);
    let taken = nobody.post("/_control/snapshots/one", Value::Null).await.json_of(200);
    assert_eq!(taken, json!({"name": "one", "at": "2026-01-01T12:00:00.000Z"}));
    let then = app.state().await;
    let second = agent.post(&leads(), json!({"lead_id": "2"})).await.json_of(200);
    agent.delete(&format!("{}/{LEAD}", leads())).await.json_of(200);
    nobody.post("/_control/snapshots/one/restore", Value::Null).await.json_of(200);
    assert_eq!(app.state().await, then);
    assert_eq!(
        agent.post(&leads(), json!({"lead_id": "2"})).await.json_of(200),
        second,
        "ids continue as they did then"
    );
    nobody.post("/_control/reset", Value::Null).await.json_of(200);
    let list = nobody.get("/_control/snapshots").await.json_of(200);
    assert_eq!(list, json!({"count": 1, "snapshots": [taken]}), "snapshots survive a reset");
    nobody.delete("/_control/snapshots/one").await.json_of(200);
    assert_eq!(nobody.get("/_control/snapshots").await.json_of(200)["count"], 0);
}

#[tokio::test]
async fn a_difference_lists_added_removed_and_changed_documents() {
    let app = App::new();
    let (nobody, agent, owner) = (app.nobody(), app.agent(), app.owner());
    nobody.post("/_control/snapshots/before", Value::Null).await.json_of(200);
    let same = nobody.get("/_control/snapshots/before/diff/now").await.json_of(200);
    assert_eq!(same, json!({"same": true, "collections": {}}));
    let added = agent.post(&leads(), json!({"lead_id": "1"})).await.json_of(200);
    let patch = json!({"company": "Ada & Co", "attributes": {"a/b": 1}, "tags": ["x"]});
    let long = json!({"attributes": {"list": [1, {"a": 1}, 3]}});
    agent.put(&format!("{}/{LEAD}", leads()), long).await.json_of(200);
    nobody.post("/_control/snapshots/long", Value::Null).await.json_of(200);
    let other = json!({"attributes": {"list": [1, {"a": 2}, 3]}});
    agent.put(&format!("{}/{LEAD}", leads()), other).await.json_of(200);
    let difference = nobody.get("/_control/snapshots/long/diff/now").await.json_of(200);
    let changes = &difference["collections"]["leads"]["changed"][0]["changes"];
    assert_eq!(*changes, json!([{"pointer": "/attributes/list/1/a", "before": 1, "after": 2}]), "item by item");
    app.advance("1s").await;
    agent.put(&format!("{}/{LEAD}", leads()), patch).await.json_of(200);
    let other = agent.get(&leads()).await.json_of(200)["leads"].clone();
    let other = other.as_array().expect("leads").iter().find(|lead| lead["_id"] != LEAD && lead["_id"] != added["_id"]);
    let other = other.expect("a second lead")["_id"].as_str().expect("an id").to_owned();
    owner.delete(&format!("{}/{other}/physical", leads())).await.json_of(200);
    nobody.post("/_control/snapshots/after", Value::Null).await.json_of(200);
    let difference = nobody.get("/_control/snapshots/before/diff/after").await.json_of(200);
    assert_eq!(difference["same"], false);
    assert_eq!(difference["collections"].as_object().map(serde_json::Map::len), Some(1), "{difference}");
    let leads = &difference["collections"]["leads"];
    assert_eq!(leads["added"], json!([added]));
    assert_eq!(leads["removed"][0]["_id"], json!(other));
    assert_eq!(leads["changed"][0]["_id"], LEAD);
    let changes = leads["changed"][0]["changes"].as_array().expect("changes");
    let told = |pointer: &str| {
        changes.iter().find(|change| change["pointer"] == pointer).unwrap_or_else(|| panic!("{pointer}: {changes:?}"))
    };
    assert_eq!(*told("/company"), json!({"pointer": "/company", "after": "Ada & Co"}));
    assert_eq!(*told("/attributes/a~1b"), json!({"pointer": "/attributes/a~1b", "after": 1}));
    assert_eq!(told("/attributes/client")["after"], Value::Null, "the field was removed");
    assert_eq!(*told("/tags"), json!({"pointer": "/tags", "before": [], "after": ["x"]}));
    assert_eq!(told("/updatedAt")["after"], "2026-01-01T12:00:01.000Z");
    let back = nobody.get("/_control/snapshots/after/diff/before").await.json_of(200);
    assert_eq!(back["collections"]["leads"]["removed"], leads["added"]);
}

#[tokio::test]
async fn a_sandbox_can_start_from_a_snapshot_or_another_sandbox() {
    let app = App::new();
    let (nobody, agent) = (app.nobody(), app.agent());
    let count =
        async |sandbox: &str| agent.get(&format!("/_sandbox/{sandbox}{}", leads())).await.json_of(200)["count"].clone();
    agent.post(&leads(), json!({"lead_id": "1"})).await.json_of(200);
    nobody.post("/_control/snapshots/five", Value::Null).await.json_of(200);
    agent.post(&leads(), json!({"lead_id": "2"})).await.json_of(200);
    nobody.put("/_control/sandboxes/from-snapshot", json!({"snapshot": "five"})).await.json_of(200);
    nobody.put("/_control/sandboxes/fork", json!({"sandbox": "default"})).await.json_of(200);
    nobody.put("/_control/sandboxes/fresh", json!({})).await.json_of(200);
    assert_eq!(
        [count("from-snapshot").await, count("fork").await, count("fresh").await],
        [json!(5), json!(6), json!(4)]
    );
    agent.post(&format!("/_sandbox/fork{}", leads()), json!({"lead_id": "3"})).await.json_of(200);
    assert_eq!([count("fork").await, count("default").await], [json!(7), json!(6)]);
    nobody.put("/_control/sandboxes/fork", json!({})).await.json_of(200);
    assert_eq!(count("fork").await, 4, "an existing sandbox starts over");
}

#[tokio::test]
async fn an_unknown_snapshot_is_reported_and_changes_nothing() {
    let app = App::new();
    let (nobody, before) = (app.nobody(), app.state().await);
    for (method, path, body, pointer) in [
        (Method::POST, "/_control/snapshots/now", Value::Null, "/path/name"),
        (Method::PUT, "/_control/sandboxes/a", json!({"snapshot": "none"}), "/snapshot"),
        (Method::PUT, "/_control/sandboxes/a", json!({"sandbox": "none"}), "/sandbox"),
        (Method::PUT, "/_control/sandboxes/a", json!({"form": "default"}), "/form"),
        (Method::PUT, "/_control/seed", json!({"seed": -1}), "/seed"),
    ] {
        let answer = nobody.call(method, path, Some(body)).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert_eq!(answer.json_of(400)["errors"][0]["pointer"], pointer, "{path}");
    }
    for (method, path) in [
        (Method::POST, "/_control/snapshots/none/restore"),
        (Method::DELETE, "/_control/snapshots/none"),
        (Method::GET, "/_control/snapshots/none/diff/now"),
        (Method::GET, "/_control/snapshots/now/diff/none"),
    ] {
        let answer = nobody.call(method, path, None).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert_eq!(answer.json_of(404)["title"], "unknown snapshot `none`", "{path}");
    }
    assert_eq!(app.state().await, before);
    let sandboxes = nobody.get("/_control/sandboxes").await.json_of(200);
    assert_eq!(sandboxes["count"], 1, "no sandbox was created: {sandboxes}");
}

#[tokio::test]
async fn names_that_clients_resolve_are_rejected() {
    let app = App::new();
    for name in ["%2E", "%2e%2E"] {
        let refused = app.nobody().post(&format!("/_control/snapshots/{name}"), Value::Null).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(refused.text().contains("/path/name"), "{}", refused.text());
    }
}
