//! The control API: reset, export, import; and sandboxes, which do not see each other.

mod clock;
mod coverage;
mod fault;
mod gate;
mod journal;
mod sandbox;
mod snapshot;
mod strict;
mod typo;

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT};

#[tokio::test]
async fn a_reset_brings_everything_back_and_ids_start_anew() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    let loaded = app.nobody().get("/_control/state").await.expect(200);
    let first = app.agent().post(&leads, json!({"lead_id": "1"})).await.expect(200);
    app.agent().delete(&format!("{leads}/5c81593adf767b0017d1aa66")).await.expect(200);
    assert_ne!(app.nobody().get("/_control/state").await.expect(200), loaded);
    app.nobody().post("/_control/reset", Value::Null).await.expect(200);
    assert_eq!(app.nobody().get("/_control/state").await.expect(200), loaded);
    assert_eq!(app.agent().post(&leads, json!({"lead_id": "1"})).await.expect(200), first);
}

#[tokio::test]
async fn a_reset_returns_a_summary() {
    let app = App::new();
    let loaded = app.nobody().get("/_control/state").await.expect(200);
    let subscription = json!({"event": "lead.create", "target": "http://127.0.0.1:1/"});
    app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await.expect(200);
    app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.expect(200);
    app.nobody().post("/_control/faults", json!({"preset": "slow"})).await.expect(200);
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
    assert_eq!(app.nobody().post("/_control/reset", Value::Null).await.expect(200), expected);
    let other = app.nobody().post("/_sandbox/a/_control/reset", Value::Null).await.expect(200);
    assert_eq!((&other["sandbox"], &other["discarded"]["calls"]), (&json!("a"), &json!(0)));
}

#[tokio::test]
async fn what_is_exported_can_be_imported() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    app.agent().post(&leads, json!({"lead_id": "1", "fullname": "N"})).await.expect(200);
    let exported = app.nobody().get("/_control/state").await.expect(200);
    let other = App::with(|config| config.empty = true);
    assert_eq!(other.nobody().get("/_control/state").await.expect(200), json!({}));
    other.agent().get(&leads).await.expect(400);
    assert_eq!(other.nobody().put("/_control/state", exported.clone()).await.expect(200), exported);
    let expected = app.agent().get(&leads).await.expect(200);
    assert_eq!(other.agent().get(&leads).await.expect(200), expected);
}

#[tokio::test]
async fn ids_of_a_world_that_is_loaded_do_not_come_again() {
    let (mut state, mut ids) = (App::new().state().await, Vec::new());
    for number in 0..3 {
        let app = App::new();
        app.nobody().put("/_control/state", state).await.expect(200);
        let body = json!({"lead_id": format!("lead {number}")});
        let id = app.agent().post(&format!("{PROJECT}/leads"), body).await.expect(200)["_id"].clone();
        assert!(!ids.contains(&id), "{id} and {ids:?}");
        ids.push(id);
        state = app.state().await;
    }
}

#[tokio::test]
async fn a_bad_state_is_refused_with_a_pointer_and_changes_nothing() {
    let app = App::new();
    let before = app.nobody().get("/_control/state").await.expect(200);
    let lead = |key: &str, value: Value| {
        let mut lead = before["leads"][0].clone();
        lead[key] = value;
        json!({"projects": before["projects"], "leads": [before["leads"][1], lead]})
    };
    let cases = [
        (json!([]), "", "expected an object of collections, found sequence"),
        (json!({"nonsense": []}), "/nonsense", "expected one of"),
        (json!({"leads": {}}), "/leads", "expected an array of leads, found map"),
        (lead("createdAt", json!("yesterday")), "/leads/1/createdAt", "expected an ISO 8601 date"),
        (lead("_id", json!("x")), "/leads/1/_id", "expected 24 hexadecimal digits, found string \"x\""),
        (lead("fullname", json!(5)), "/leads/1/fullname", "expected a string, found integer `5`"),
        (lead("colour", json!("red")), "/leads/1/colour", "expected one of"),
        (lead("_id", before["leads"][1]["_id"].clone()), "/leads/1", "duplicate _id"),
        (
            lead("id_project", json!("5b55e806c93dde00143163d0")),
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
        let problem = answer.expect(400)["errors"][0].clone();
        assert!(problem["pointer"].as_str().expect("text").ends_with(pointer), "{problem} at {pointer}");
        assert!(problem["detail"].as_str().expect("text").contains(detail), "{problem}: {detail}");
    }
    for broken in ["{", "[]", "{} x"] {
        let answer = app.nobody().send(Method::PUT, "/_control/state", &[], broken).await;
        assert_eq!(answer.status, 400, "{broken}");
    }
    assert_eq!(app.nobody().get("/_control/state").await.expect(200), before);
}

#[tokio::test]
async fn sandboxes_do_not_see_each_other() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    let in_sandbox = format!("/_sandbox/one{leads}");
    let created = app.agent().post(&in_sandbox, json!({"lead_id": "1"})).await.expect(200);
    assert_eq!(app.agent().get(&leads).await.expect(200)["count"], 4);
    for headers in [[("x-sandbox", "one")], [("host", "one.localhost:4010")]] {
        let answer = app.agent().send(Method::GET, &leads, &headers, "").await;
        assert_eq!(answer.expect(200)["leads"][0], created);
    }
    let elsewhere = app.agent().post(&leads, json!({"lead_id": "1"})).await.expect(200);
    assert_eq!(elsewhere["_id"], created["_id"], "the same calls have the same responses in every sandbox");
    let signed_in = json!({"email": "agent@example.com", "password": "123456"});
    let session = app.nobody().post("/_sandbox/one/v3/auth/signin", signed_in).await.expect(200);
    let agent = app.authorized(session["token"].as_str().expect("text").to_owned());
    agent.get(&in_sandbox).await.expect(200);
    assert_eq!(agent.get(&leads).await.status, 401, "a token of one sandbox is worth nothing in another");
    app.nobody().post("/_sandbox/one/_control/reset", Value::Null).await.expect(200);
    assert_eq!(app.agent().get(&in_sandbox).await.expect(200)["count"], 4);
    assert_eq!(app.agent().get(&leads).await.expect(200)["count"], 5);
}

#[tokio::test]
async fn parallel_writers_lose_nothing() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    let one = format!("{leads}/5c81593adf767b0017d1aa66/attributes");
    let writer = async |writer: usize| {
        for number in 0..50 {
            app.agent().post(&leads, json!({"lead_id": format!("{writer}-{number}")})).await.expect(200);
            app.agent().patch(&one, json!({format!("{writer}-{number}"): true})).await.expect(200);
        }
    };
    tokio::join!(writer(0), writer(1), writer(2), writer(3));
    let all = app.agent().get(&format!("{leads}?limit=0")).await.expect(200);
    assert_eq!(all["count"], 204);
    let attributes =
        app.agent().get(&format!("{leads}/5c81593adf767b0017d1aa66")).await.expect(200)["attributes"].clone();
    assert_eq!(attributes.as_object().map(serde_json::Map::len), Some(201));
}
