//! Visitors who write while the server runs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::PROJECT_ID,
    sink::{self, Sink},
};

const VISITORS: &str = "/_control/visitors";

/// Performs steps until one has this act, and returns it.
async fn step_until(app: &App, prefix: &str, act: &str) -> Value {
    for _ in 0..60 {
        let done = app.nobody().post(&format!("{prefix}{VISITORS}/step"), Value::Null).await.json_of(200);
        if done["act"] == act {
            return done;
        }
    }
    panic!("{act} did not happen");
}

/// Polls a condition until it holds, because visitors act concurrently.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not happen");
}

async fn messages(app: &App, request: &str) -> Vec<Value> {
    let all = app.owner().get(&format!("{PROJECT}/requests/{request}/messages")).await.json_of(200);
    all.as_array().expect("an array").clone()
}

#[tokio::test]
async fn steps_perform_one_act_each() {
    let app = App::new();
    let first = step_until(&app, "", "visitor_wrote").await;
    let request = first["request"].as_str().expect("a request_id");
    let all = messages(&app, request).await;
    assert_eq!(all[0]["text"], first["text"]);
    assert_eq!(all[0]["senderFullname"], first["visitor"]);
    assert_eq!(all[0]["createdAt"], "2026-01-01T12:00:00.000Z", "the time of the sandbox");
    let visitors = app.nobody().get(VISITORS).await.json_of(200);
    assert_eq!(visitors["open"][0]["request"], request);
    assert_eq!((&visitors["running"], &visitors["count"]), (&json!(false), &json!(1)));
}

#[tokio::test]
async fn conversations_are_answered_and_closed() {
    let app = App::new();
    step_until(&app, "", "agent_wrote").await;
    let closed = step_until(&app, "", "agent_closed").await;
    let request = closed["request"].as_str().expect("a request_id");
    let request = app.owner().get(&format!("{PROJECT}/requests/{request}")).await.json_of(200);
    assert_eq!(request["status"], 1000);
    assert!(request["tags"][0]["tag"].is_string() && request["waiting_time"].is_u64(), "{request}");
}

#[tokio::test]
async fn the_same_seed_produces_the_same_visitors() {
    let app = App::new();
    for _ in 0..25 {
        let step = async |sandbox: &str| {
            app.nobody().post(&format!("/_sandbox/{sandbox}{VISITORS}/step"), Value::Null).await.json_of(200)
        };
        assert_eq!(step("a").await, step("b").await);
    }
}

#[tokio::test]
async fn visitors_arrive_by_the_clock_of_the_sandbox() {
    let app = App::new();
    let started = app.nobody().post(VISITORS, json!({"rate": 60, "seed": 3})).await.json_of(200);
    assert_eq!((&started["running"], &started["rate"]), (&json!(true), &json!(60)));
    assert_eq!(started["project"], PROJECT_ID);
    let count = async || app.nobody().get(VISITORS).await.json_of(200)["count"].as_u64().unwrap_or_default();
    until("the first visitor", async || count().await == 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(count().await, 1, "the clock is frozen");
    for expected in 2..5 {
        app.advance("2s").await;
        until("another visitor", async || count().await == expected).await;
    }
    let stopped = app.nobody().delete(VISITORS).await.json_of(200);
    assert_eq!((&stopped["running"], &stopped["open"]), (&json!(false), &json!([])));
    app.advance("1h").await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(count().await, 0, "no more visitors arrive");
}

#[tokio::test]
async fn a_reset_restarts_the_visits() {
    let app = App::new();
    app.nobody().post(VISITORS, json!({"rate": 600})).await.json_of(200);
    let first = async || app.nobody().get(VISITORS).await.json_of(200)["open"][0]["visitor"].clone();
    until("a visitor", async || first().await.is_string()).await;
    let name = first().await;
    app.advance("1m").await;
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    until("the same visitor", async || first().await == name).await;
    assert!(app.nobody().get(VISITORS).await.json_of(200)["count"].as_u64() < Some(5));
}

#[tokio::test]
async fn a_scripted_visitor_replies_to_each_message_of_an_agent() {
    let app = App::new();
    let guest = app.guest().await;
    let request = format!("support-group-{PROJECT_ID}-scripted");
    let path = format!("{PROJECT}/requests/{request}/messages");
    let department = json!({"text": "Hi", "departmentid": "5c34ba232c62730016da250e"});
    guest.post(&path, department).await.json_of(200);
    let script = json!({"request": request, "reply": "Thanks", "after": "3s"});
    let scripted = app.nobody().post(VISITORS, script).await.json_of(200);
    assert_eq!(scripted["scripted"], json!([{"request": request, "reply": "Thanks", "after": 3_000, "sent": 0}]));
    for replies in 1..=2 {
        app.agent().post(&path, json!({"text": "Hello"})).await.json_of(200);
        tokio::time::sleep(Duration::from_millis(30)).await;
        let count = async || messages(&app, &request).await.iter().filter(|one| one["text"] == "Thanks").count();
        assert_eq!(count().await, replies - 1, "the clock is frozen");
        app.advance("3s").await;
        until("a reply", async || count().await == replies).await;
    }
    let all = messages(&app, &request).await;
    let (first, reply) = (&all[0], all.iter().find(|one| one["text"] == "Thanks").expect("a reply"));
    assert_eq!(reply["sender"], first["sender"], "the visitor of the conversation replies");
    let sent = app.nobody().get(VISITORS).await.json_of(200);
    assert_eq!(sent["scripted"][0]["sent"], 2);
}

#[tokio::test]
async fn visitors_trigger_webhooks() {
    let (app, sink) = (App::new(), Sink::start());
    sink.prepare([sink::Reply::Status(200)]);
    let subscription = json!({"event": "request.create", "target": sink.url("/")});
    app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await.json_of(200);
    step_until(&app, "", "visitor_wrote").await;
    sink.calls(1);
}

#[tokio::test]
async fn invalid_visitors_are_rejected() {
    let app = App::new();
    for (body, pointer) in [
        (json!({"rate": 0}), "/rate"),
        (json!({"rate": 601}), "/rate"),
        (json!({"project": "5b55e806c93dde0014310999"}), "/project"),
        (json!({"request": "no such request", "reply": "x"}), "/request"),
        (json!({"request": "support-group-1234"}), "/reply"),
        (json!({"request": "support-group-1234", "reply": "x", "after": "soon"}), "/after"),
        (json!({"request": "support-group-1234", "reply": "x", "rate": 1}), "/request"),
        (json!({"reply": "x"}), "/request"),
        (json!({"rates": 5}), "/rates"),
    ] {
        let problem = app.nobody().post(VISITORS, body.clone()).await.json_of(400);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
    }
    assert_eq!(app.nobody().get(VISITORS).await.json_of(200)["running"], false);
    let empty = App::with(|config| config.empty = true);
    empty.nobody().post(VISITORS, json!({})).await.json_of(409);
    empty.nobody().post(&format!("{VISITORS}/step"), Value::Null).await.json_of(409);
}

#[tokio::test]
async fn a_live_server_has_visitors_immediately() {
    let app = App::with(|config| config.live = Some(60));
    let count = async || app.nobody().get(VISITORS).await.json_of(200)["count"].as_u64();
    until("a visitor", async || count().await == Some(1)).await;
}

#[tokio::test]
async fn live_visitors_of_a_fast_clock_close_their_conversations() {
    let app = App::with(|config| {
        config.clock = "2026-01-01T12:00:00Z+x2000".parse().expect("a clock setting");
        config.live = Some(30);
    });
    let closed = async || {
        let requests = app.owner().get(&format!("{PROJECT}/requests?status=1000&limit=1")).await.json_of(200);
        requests["count"].as_u64() > Some(3)
    };
    until("the end of conversations", closed).await;
    let health = app.nobody().get("/healthz?deep").await.json_of(200);
    assert_eq!(health["status"], "ok");
}
