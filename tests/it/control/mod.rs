//! The control API: reset, export, import, and the isolation of sandboxes.

mod clock;
mod collection;
mod console;
mod coverage;
mod fault;
mod gate;
mod journal;
mod sandbox;
mod snapshot;
mod stream;
mod strict;
mod travel;
mod typo;

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{LEAD, UNKNOWN_PROJECT_ID},
};

#[tokio::test]
async fn a_reset_restores_the_world_and_restarts_ids() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    let loaded = app.nobody().get("/_control/state").await.json_of(200);
    let first = app.agent().post(&leads, json!({"lead_id": "1"})).await.json_of(200);
    app.agent().delete(&format!("{leads}/{LEAD}")).await.json_of(200);
    assert_ne!(app.nobody().get("/_control/state").await.json_of(200), loaded);
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    assert_eq!(app.nobody().get("/_control/state").await.json_of(200), loaded);
    assert_eq!(app.agent().post(&leads, json!({"lead_id": "1"})).await.json_of(200), first);
}

#[tokio::test]
async fn a_reset_returns_a_summary() {
    let app = App::new();
    let loaded = app.nobody().get("/_control/state").await.json_of(200);
    let subscription = json!({"event": "lead.create", "target": "http://127.0.0.1:1/"});
    app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await.json_of(200);
    app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.json_of(200);
    app.nobody().post("/_control/faults", json!({"preset": "slow"})).await.json_of(200);
    let documents: usize =
        loaded.as_object().expect("collections").values().filter_map(|all| all.as_array()).map(Vec::len).sum();
    let expected = json!({
        "sandbox": "default",
        "seed": 0,
        "now": "2026-01-01T12:00:00.000Z",
        "frozen": true,
        "documents": documents,
        "discarded": {"calls": 2, "faults": 1, "deliveries": 1},
    });
    assert_eq!(app.nobody().post("/_control/reset", Value::Null).await.json_of(200), expected);
    let other = app.nobody().post("/_sandbox/a/_control/reset", Value::Null).await.json_of(200);
    assert_eq!((&other["sandbox"], &other["discarded"]["calls"]), (&json!("a"), &json!(0)));
}

#[tokio::test]
async fn an_export_can_be_imported() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    app.agent().post(&leads, json!({"lead_id": "1", "fullname": "N"})).await.json_of(200);
    let exported = app.nobody().get("/_control/state").await.json_of(200);
    let other = App::with(|config| config.empty = true);
    assert_eq!(other.nobody().get("/_control/state").await.json_of(200), json!({}));
    other.agent().get(&leads).await.json_of(400);
    assert_eq!(other.nobody().put("/_control/state", exported.clone()).await.json_of(200), exported);
    let expected = app.agent().get(&leads).await.json_of(200);
    assert_eq!(other.agent().get(&leads).await.json_of(200), expected);
}

#[tokio::test]
async fn ids_of_a_loaded_world_are_not_reused() {
    let (mut state, mut ids) = (App::new().state().await, Vec::new());
    for number in 0..3 {
        let app = App::new();
        app.nobody().put("/_control/state", state).await.json_of(200);
        let body = json!({"lead_id": format!("lead {number}")});
        let id = app.agent().post(&format!("{PROJECT}/leads"), body).await.json_of(200)["_id"].clone();
        assert!(!ids.contains(&id), "{id} is one of {ids:?}");
        ids.push(id);
        state = app.state().await;
    }
}

#[tokio::test]
async fn an_invalid_state_is_rejected_with_a_pointer_and_changes_nothing() {
    let app = App::new();
    let before = app.nobody().get("/_control/state").await.json_of(200);
    let lead = |key: &str, value: Value| {
        let mut lead = before["leads"][0].clone();
        lead[key] = value;
        json!({"projects": before["projects"], "leads": [before["leads"][1], lead]})
    };
    let cases = [
        (json!([]), "", "expected an object of collections, found an array"),
        (json!({"nonsense": []}), "/nonsense", "expected one of"),
        (json!({"leads": {}}), "/leads", "expected an array of leads, found an object"),
        (lead("createdAt", json!("yesterday")), "/leads/1/createdAt", "expected an ISO 8601 date"),
        (lead("_id", json!("x")), "/leads/1/_id", "expected 24 hexadecimal digits, found string \"x\""),
        (lead("fullname", json!(5)), "/leads/1/fullname", "expected a string, found number `5`"),
        (lead("colour", json!("red")), "/leads/1/colour", "expected one of"),
        (lead("_id", before["leads"][1]["_id"].clone()), "/leads/1", "duplicate _id"),
        (
            lead("id_project", json!(UNKNOWN_PROJECT_ID)),
            "/leads/1/id_project",
            "expected the _id of an existing project",
        ),
        (
            json!({"users": [before["users"][0], {"_id": "5ab11c6b83dc240014d46096"}]}),
            "/users/1",
            "missing field `email`",
        ),
    ];
    for (state, pointer, detail) in cases {
        let answer = app.nobody().put("/_control/state", state).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem = answer.json_of(400)["errors"][0].clone();
        assert!(problem["pointer"].as_str().expect("a string").ends_with(pointer), "{problem} at {pointer}");
        assert!(problem["detail"].as_str().expect("a string").contains(detail), "{problem}: {detail}");
    }
    for broken in ["{", "[]", "{} x"] {
        let answer = app.nobody().send(Method::PUT, "/_control/state", &[], broken).await;
        assert_eq!(answer.status, 400, "{broken}");
    }
    assert_eq!(app.nobody().get("/_control/state").await.json_of(200), before);
}

#[tokio::test]
async fn sandboxes_are_isolated() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    let in_sandbox = format!("/_sandbox/one{leads}");
    let created = app.agent().post(&in_sandbox, json!({"lead_id": "1"})).await.json_of(200);
    assert_eq!(app.agent().get(&leads).await.json_of(200)["count"], 4);
    for headers in [[("x-sandbox", "one")], [("host", "one.localhost:4010")]] {
        let answer = app.agent().send(Method::GET, &leads, &headers, "").await;
        assert_eq!(answer.json_of(200)["leads"][0], created);
    }
    let elsewhere = app.agent().post(&leads, json!({"lead_id": "1"})).await.json_of(200);
    assert_eq!(elsewhere["_id"], created["_id"], "the same calls get the same responses in every sandbox");
    let signed_in = json!({"email": "agent@example.com", "password": "123456"});
    let session = app.nobody().post("/_sandbox/one/v3/auth/signin", signed_in).await.json_of(200);
    let agent = app.authorized(session["token"].as_str().expect("a string").to_owned());
    agent.get(&in_sandbox).await.json_of(200);
    assert_eq!(agent.get(&leads).await.status, 401, "a token is valid in its own sandbox only");
    app.nobody().post("/_sandbox/one/_control/reset", Value::Null).await.json_of(200);
    assert_eq!(app.agent().get(&in_sandbox).await.json_of(200)["count"], 4);
    assert_eq!(app.agent().get(&leads).await.json_of(200)["count"], 5);
}

#[tokio::test]
async fn parallel_writes_are_not_lost() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    let one = format!("{leads}/{LEAD}/attributes");
    let writer = async |writer: usize| {
        for number in 0..50 {
            app.agent().post(&leads, json!({"lead_id": format!("{writer}-{number}")})).await.json_of(200);
            app.agent().patch(&one, json!({format!("{writer}-{number}"): true})).await.json_of(200);
        }
    };
    tokio::join!(writer(0), writer(1), writer(2), writer(3));
    let all = app.agent().get(&format!("{leads}?limit=0")).await.json_of(200);
    assert_eq!(all["count"], 204);
    let attributes = app.agent().get(&format!("{leads}/{LEAD}")).await.json_of(200)["attributes"].clone();
    assert_eq!(attributes.as_object().map(serde_json::Map::len), Some(201));
}
