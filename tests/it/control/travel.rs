//! Recorded calls in detail: their changes, rewinding, branching, and replaying.

use serde_json::{Value, json};

use crate::support::{App, PROJECT, seed::LEAD};

fn leads() -> String {
    format!("{PROJECT}/leads")
}

#[tokio::test]
async fn a_call_has_its_request_response_and_events() {
    let app = App::new();
    let created = app.agent().post(&leads(), json!({"lead_id": "1", "fullname": "Ada"})).await.json_of(200);
    app.agent().get(&format!("{}/000000000000000000000000?x=1", leads())).await.json_of(404);
    let call = app.nobody().get("/_control/journal/1").await.json_of(200);
    assert_eq!((&call["number"], &call["operation"]), (&json!(1), &json!("create_lead")));
    assert_eq!((&call["request"]["method"], &call["request"]["path"]), (&json!("POST"), &json!(leads())));
    assert_eq!(call["request"]["headers"]["authorization"], "Basic ***");
    assert_eq!((&call["response"]["status"], &call["response"]["body"]), (&json!(200), &created));
    assert_eq!(call["events"], json!([{"name": "lead.create", "id": created["_id"]}]));
    assert_eq!((&call["explanation"], &call["deliveries"]), (&Value::Null, &json!([])));
    let refused = app.nobody().get("/_control/journal/2").await.json_of(200);
    assert_eq!((&refused["explanation"], &refused["request"]["query"]), (&json!(2), &json!("x=1")));
    app.nobody().get("/_control/journal/3").await.json_of(404);
}

#[tokio::test]
async fn an_evicted_call_is_gone() {
    let app = App::with(|config| config.journal = 1);
    for _ in 0..2 {
        app.agent().get(&leads()).await.json_of(200);
    }
    assert_eq!(app.nobody().get("/_control/journal/1").await.status, 410);
    assert_eq!(app.nobody().get("/_control/journal/2").await.status, 200);
}

#[tokio::test]
async fn a_call_lists_only_its_own_changes() {
    let app = App::new();
    let created = app.agent().post(&leads(), json!({"lead_id": "1", "fullname": "Ada"})).await.json_of(200);
    app.agent().put(&format!("{}/{LEAD}", leads()), json!({"company": "Ada & Co"})).await.json_of(200);
    app.agent().get(&leads()).await.json_of(200);
    let of = async |number: u32| app.nobody().get(&format!("/_control/journal/{number}/changes")).await.json_of(200);
    let first = of(1).await;
    assert_eq!((&first["same"], &first["collections"]["leads"]["added"]), (&json!(false), &json!([created])));
    let second = of(2).await;
    assert_eq!(second["collections"]["leads"]["added"], json!([]));
    let changed = &second["collections"]["leads"]["changed"][0];
    assert_eq!(changed["_id"], LEAD);
    assert!(changed["changes"].to_string().contains("Ada & Co"), "{changed}");
    assert_eq!(of(3).await, json!({"same": true, "collections": {}}));
}

#[tokio::test]
async fn a_rewind_restores_documents_ids_and_the_clock() {
    let app = App::new();
    app.agent().post(&leads(), json!({"lead_id": "1"})).await.json_of(200);
    let then = app.state().await;
    let second = app.agent().post(&leads(), json!({"lead_id": "2"})).await.json_of(200);
    app.advance("1h").await;
    app.agent().post(&leads(), json!({"lead_id": "3"})).await.json_of(200);
    let rewound = app.nobody().post("/_control/journal/2/rewind", Value::Null).await.json_of(200);
    assert_eq!(rewound, json!({"number": 2, "now": "2026-01-01T12:00:00.000Z"}));
    assert_eq!(app.state().await, then);
    let journal = app.nobody().get("/_control/journal").await.json_of(200);
    assert_eq!(journal["count"], 3, "the journal is kept");
    assert_eq!(
        app.agent().post(&leads(), json!({"lead_id": "2"})).await.json_of(200),
        second,
        "ids are the same as before"
    );
}

#[tokio::test]
async fn a_rewind_to_a_read_undoes_later_changes() {
    let app = App::new();
    app.agent().post(&leads(), json!({"lead_id": "1"})).await.json_of(200);
    app.agent().get(&leads()).await.json_of(200);
    let then = app.state().await;
    app.nobody().post("/_control/journal/2/rewind", Value::Null).await.json_of(200);
    assert_eq!(app.state().await, then, "there are no later changes");
    app.nobody().delete(&format!("/_control/collections/leads/{LEAD}")).await.json_of(200);
    assert_ne!(app.state().await, then);
    app.nobody().post("/_control/journal/2/rewind", Value::Null).await.json_of(200);
    assert_eq!(app.state().await, then, "changes by the control API are undone, too");
}

#[tokio::test]
async fn only_the_latest_changes_are_kept() {
    let app = App::new();
    for number in 0..1_001 {
        app.agent().post(&leads(), json!({"lead_id": number.to_string()})).await.json_of(200);
    }
    let status =
        async |path: &str| app.nobody().get(&format!("/_control/journal/{path}/changes")).await.status.as_u16();
    assert_eq!((status("1").await, status("2").await), (410, 200));
    assert_eq!(app.nobody().post("/_control/journal/1/rewind", Value::Null).await.status, 410);
    let branch = json!({"sandbox": "late"});
    assert_eq!(app.nobody().post("/_control/journal/1/branch", branch).await.status, 410);
    app.nobody().delete("/_control/journal").await.json_of(200);
    app.agent().get(&leads()).await.json_of(200);
    assert_eq!(status("1").await, 200, "call numbers restart");
}

#[tokio::test]
async fn a_branch_has_the_state_before_the_call() {
    let app = App::new();
    app.advance("1m").await;
    app.agent().post(&leads(), json!({"lead_id": "1", "fullname": "Ada"})).await.json_of(200);
    app.advance("1h").await;
    let branch = || json!({"sandbox": "before"});
    let created = app.nobody().post("/_control/journal/1/branch", branch()).await.json_of(200);
    assert_eq!((&created["name"], &created["now"]), (&json!("before"), &json!("2026-01-01T12:01:00.000Z")));
    let there = app.agent().get(&format!("/_sandbox/before{}?full_text=Ada", leads())).await.json_of(200);
    assert_eq!(there["count"], 0);
    assert_eq!(app.agent().get(&format!("{}?full_text=Ada", leads())).await.json_of(200)["count"], 1);
    assert_eq!(app.nobody().post("/_control/journal/1/branch", branch()).await.status, 409);
    let bad = app.nobody().post("/_control/journal/1/branch", json!({"sandbox": "a b"})).await;
    assert_eq!(bad.status, 400, "{}", bad.text());
}

#[tokio::test]
async fn a_replay_is_a_new_call_with_the_same_credentials() {
    let app = App::new();
    let path = format!("/_sandbox/one{}", leads());
    app.agent().post(&path, json!({"lead_id": "1", "fullname": "Ada"})).await.json_of(200);
    let replayed = app.nobody().post("/_control/journal/1/replay?sandbox=one", Value::Null).await.json_of(200);
    assert_eq!(replayed, json!({"number": 2, "status": 200}));
    let list = app.agent().get(&format!("{path}?full_text=Ada")).await.json_of(200);
    assert_eq!(list["count"], 2, "{list}");
    assert_eq!(app.nobody().get("/v3/projects").await.status, 401);
    let refused = app.nobody().post("/_control/journal/1/replay", Value::Null).await.json_of(200);
    assert_eq!(refused, json!({"number": 2, "status": 401}));
}

#[tokio::test]
async fn the_clock_jumps_to_the_next_retry() {
    let app = App::new();
    let clock = async || app.nobody().get("/_control/clock").await.json_of(200)["next"].clone();
    app.advance("1h").await;
    assert_eq!(clock().await, Value::Null, "the events of the default world have expired");
    assert_eq!(app.nobody().put("/_control/clock", json!({"next": true})).await.status, 409);
    let target = json!({"event": "lead.create", "target": "http://127.0.0.1:9/down"});
    app.admin().post(&format!("{PROJECT}/subscriptions"), target).await.json_of(200);
    app.agent().post(&leads(), json!({"lead_id": "1"})).await.json_of(200);
    let due = json!({"at": "2026-01-01T13:00:02.000Z", "what": "retry"});
    for _ in 0..500 {
        if clock().await == due {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(clock().await, due);
    let jumped = app.nobody().put("/_control/clock", json!({"next": true})).await.json_of(200);
    assert_eq!(jumped["now"], due["at"]);
}
