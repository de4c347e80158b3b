//! Sandboxes: created on first use, listed, deleted, expired, required, and many at once.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT};

#[tokio::test]
async fn sandboxes_are_created_on_first_use_and_can_be_deleted() {
    let app = App::new();
    let nobody = app.nobody();
    let names = async || {
        let list = nobody.get("/_control/sandboxes").await.json_of(200);
        let names = list["sandboxes"].as_array().expect("a list").iter().map(|one| one["name"].clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["default"]);
    app.agent().get(&format!("/_sandbox/b{PROJECT}/leads")).await.json_of(200);
    app.agent().send(Method::GET, &format!("{PROJECT}/leads"), &[("x-sandbox", "a.1")], "").await.json_of(200);
    assert_eq!(names().await, ["a.1", "b", "default"]);
    let one = nobody.get("/_control/sandboxes/b").await.json_of(200);
    assert_eq!((&one["calls"], &one["frozen"], &one["seed"]), (&json!(1), &json!(true), &json!(0)));
    nobody.get("/_control/sandboxes/c").await.json_of(404);
    nobody.delete("/_control/sandboxes/b").await.json_of(200);
    nobody.delete("/_control/sandboxes/b").await.json_of(404);
    nobody.delete("/_control/sandboxes/default").await.json_of(409);
    assert_eq!(names().await, ["a.1", "default"]);
    for name in ["a%20b", "a%2Fb", &"x".repeat(65), "", "_control", ".", ".."] {
        let answer = app.agent().get(&format!("/_sandbox/{name}{PROJECT}/leads")).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{name}");
        answer.json_of(400);
    }
}

#[tokio::test]
async fn an_unused_sandbox_expires() {
    let app = App::with(|config| config.sandbox_ttl = Duration::from_secs(1));
    let leads = format!("/_sandbox/short{PROJECT}/leads");
    app.agent().post(&leads, json!({"lead_id": "1"})).await.json_of(200);
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!(app.agent().get(&leads).await.json_of(200)["count"], 5, "it is in use");
    }
    let in_default = format!("{PROJECT}/leads");
    app.agent().post(&in_default, json!({"lead_id": "1"})).await.json_of(200);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(app.nobody().get("/_control/sandboxes").await.json_of(200)["count"], 1);
    assert_eq!(app.agent().get(&leads).await.json_of(200)["count"], 4, "it starts over");
    assert_eq!(app.agent().get(&in_default).await.json_of(200)["count"], 5, "the default sandbox does not expire");
}

#[tokio::test]
async fn a_sandbox_name_can_be_required() {
    let app = App::with(|config| config.sandbox_required = true);
    for path in [&*format!("{PROJECT}/leads"), "/_control/state", "/v3/auth/signin"] {
        let answer = app.agent().get(path).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert!(answer.json_of(400)["title"].as_str().is_some_and(|title| title.contains("X-Sandbox")));
    }
    for path in ["/healthz", "/_control/sandboxes", "/_control/coverage", "/openapi.json", "/_control/state?sandbox=a"]
    {
        assert_eq!(app.nobody().get(path).await.status, 200, "{path}");
    }
    app.agent().get(&format!("/_sandbox/a{PROJECT}/leads")).await.json_of(200);
}

#[tokio::test]
async fn the_seed_determines_the_ids() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    let id = async || app.agent().post(&leads, json!({"lead_id": "1"})).await.json_of(200)["_id"].clone();
    let first = id().await;
    app.nobody().put("/_control/seed", json!({"seed": 7})).await.json_of(200);
    let seventh = id().await;
    let other = App::with(|config| config.seed = 7);
    assert_eq!(
        seventh,
        other.agent().post(&leads, json!({"lead_id": "1"})).await.json_of(200)["_id"],
        "as if it had been created with that seed"
    );
    assert_ne!(first, seventh);
    app.nobody().put("/_control/seed", json!({"seed": 7})).await.json_of(200);
    app.nobody().put("/_control/state", json!({"users": [], "projects": []})).await.json_of(200);
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    assert_eq!(id().await, first, "a reset restores the initial seed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_concurrent_sandboxes_are_isolated() {
    const SANDBOXES: usize = 1_000;
    const CALLS: usize = 100;
    const WRITES: usize = 5;
    let app = std::sync::Arc::new(App::new());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..SANDBOXES {
        let app = app.clone();
        tasks.spawn(async move {
            let leads = format!("/_sandbox/s{number}{PROJECT}/leads");
            let mut ids = Vec::new();
            for call in 0..WRITES {
                let lead = json!({"lead_id": format!("{number}-{call}"), "email": "same@example.com"});
                let lead = app.agent().post(&leads, lead).await.json_of(200);
                ids.push(lead["_id"].as_str().expect("an id").to_owned());
            }
            for call in 0..CALLS - WRITES - 2 {
                let lead = app.agent().get(&format!("{leads}/{}", ids[call % WRITES])).await.json_of(200);
                assert_eq!(lead["lead_id"], format!("{number}-{}", call % WRITES));
            }
            let same = app.agent().get(&format!("{leads}?email=same@example.com&limit=0")).await.json_of(200);
            assert_eq!(same["count"], WRITES);
            assert_eq!(app.agent().get(&leads).await.json_of(200)["count"], 4 + WRITES);
            ids
        });
    }
    let mut ids = Vec::new();
    while let Some(made) = tasks.join_next().await {
        ids.extend(made.expect("no task panics"));
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), WRITES, "the same calls get the same ids in every sandbox");
    let list = app.nobody().get("/_control/sandboxes").await.json_of(200);
    assert_eq!(list["count"], SANDBOXES + 1);
    let busy = list["sandboxes"].as_array().expect("a list").iter().filter(|one| one["calls"] == CALLS);
    assert_eq!(busy.count(), SANDBOXES, "each has its own journal");
}
