//! The memory budget: evictable data is evicted, and everything else is rejected once the budget is exhausted.

use http::Method;
use serde_json::json;

use crate::support::{App, PROJECT, alone};

const MEGABYTE: usize = 1 << 20;

fn small() -> App {
    App::with(|config| {
        config.memory = 128 * MEGABYTE;
        config.self_check = false;
    })
}

async fn used(app: &App) -> serde_json::Value {
    app.nobody().get("/healthz?deep").await.json_of(200)["memory"].clone()
}

#[tokio::test]
async fn inboxes_of_all_sandboxes_evict_their_oldest_calls() {
    if !alone("memory::inboxes_of_all_sandboxes_evict_their_oldest_calls") {
        return;
    }
    let app = small();
    for number in 0..80 {
        let path = format!("/_control/webhooks/inbox/n{number}?sandbox=s{}", number % 3);
        let answer = app.nobody().send(Method::POST, &path, &[], vec![b'1'; 4 * MEGABYTE]).await;
        assert!([200, 507].contains(&answer.status.as_u16()), "{}", answer.text());
        // Eviction runs in the background.
        for _ in 0..200 {
            let memory = used(&app).await;
            if memory["used"].as_u64() <= memory["limit"].as_u64() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    let memory = used(&app).await;
    assert!(memory["used"].as_u64() <= memory["limit"].as_u64(), "{memory}");
    assert!(memory["evictions"].as_u64() > Some(0), "{memory}");
    let last = app.nobody().get("/_control/webhooks/inbox/n79?sandbox=s1").await.json_of(200);
    assert_eq!(last["count"], 1, "the latest call is kept");
}

#[tokio::test]
async fn journals_of_all_sandboxes_evict_their_oldest_calls() {
    if !alone("memory::journals_of_all_sandboxes_evict_their_oldest_calls") {
        return;
    }
    let app = small();
    let body = format!("[{}1]", "1,".repeat(250_000));
    for number in 0..400 {
        let path = format!("/_sandbox/s{}{PROJECT}/leads", number % 15);
        let answer =
            app.nobody().send(Method::POST, &path, &[("content-type", "application/json")], body.clone()).await;
        assert_eq!(answer.status, 401);
    }
    for _ in 0..500 {
        let memory = used(&app).await;
        if memory["used"].as_u64() <= memory["limit"].as_u64() {
            assert!(memory["evictions"].as_u64() > Some(0), "{memory}");
            let calls = app.nobody().get("/_control/journal?sandbox=s9&limit=1").await.json_of(200);
            assert!(calls["count"].as_u64() > Some(0) || calls["dropped"].as_u64() > Some(0), "{calls}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{}", used(&app).await);
}

#[tokio::test]
async fn uploads_to_all_sandboxes_are_rejected_when_memory_is_exhausted() {
    if !alone("memory::uploads_to_all_sandboxes_are_rejected_when_memory_is_exhausted") {
        return;
    }
    let app = App::with(|config| config.memory = 256 * MEGABYTE);
    let form = |bytes: usize| {
        let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";
        format!("{head}{}\r\n--x--\r\n", "1".repeat(bytes))
    };
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let mut statuses = Vec::new();
    for number in 0..20 {
        let path = format!("/_sandbox/s{number}/v3/files/users");
        let answer = app.owner().send(Method::POST, &path, &headers, form(16 * MEGABYTE)).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[0], 201);
    assert_eq!(statuses[19], 507, "{statuses:?}");
    assert!(used(&app).await["refusals"].as_u64() > Some(0));
    assert_eq!(app.owner().get(&format!("{PROJECT}/leads")).await.status, 200, "reads still work");
    for number in 0..20 {
        app.nobody().delete(&format!("/_control/sandboxes/s{number}")).await;
    }
    let again = app.owner().send(Method::POST, "/v3/files/users", &headers, form(MEGABYTE)).await;
    assert_eq!(again.status, 201, "memory is available again: {}", again.text());
}

#[tokio::test]
async fn unmodified_sandboxes_are_evicted_for_new_ones() {
    if !alone("memory::unmodified_sandboxes_are_evicted_for_new_ones") {
        return;
    }
    let app = small();
    app.nobody().post("/_control/snapshots/kept?sandbox=kept", json!(null)).await.json_of(200);
    for number in 0..20_000 {
        let answer = app.nobody().send(Method::GET, "/v3/nothing", &[("x-sandbox", &format!("s{number}"))], "").await;
        assert_eq!(answer.status, 404, "{}", answer.text());
    }
    let sandboxes = app.nobody().get("/healthz?deep").await.json_of(200)["sandboxes"].as_u64();
    assert!(sandboxes < Some(17_000), "{sandboxes:?}");
    assert_eq!(app.nobody().get("/_control/sandboxes/kept").await.status, 200, "it has a snapshot");
}

#[tokio::test]
async fn a_webhook_loop_is_cut_off() {
    let app = App::with(|config| config.self_check = false);
    let target = format!("http://andrea.leo%40f21.it:123456@{}{PROJECT}/leads", app.fake.address());
    let subscription = json!({"event": "lead.create", "target": target});
    app.owner().post(&format!("{PROJECT}/subscriptions"), subscription).await.json_of(200);
    let count =
        async || app.owner().get(&format!("{PROJECT}/leads")).await.json_of(200)["count"].as_u64().expect("a number");
    let before = count().await;
    app.owner().post(&format!("{PROJECT}/leads"), json!({"lead_id": "first"})).await.json_of(200);
    for _ in 0..1_000 {
        let status = app.nobody().get("/_control/webhooks").await.json_of(200);
        let last = status["deliveries"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
        if status["pending"] == 0 && last["state"] == "failed" {
            assert_eq!(count().await - before, 17, "one call, and those of 16 webhooks");
            let attempts = last["attempts"].as_array().expect("the attempts");
            let reason = attempts.last().and_then(|attempt| attempt["error"].as_str()).expect("a reason");
            assert!(reason.contains("webhook chain too long: 17 hops"), "{reason}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the loop is not cut off: {}", app.nobody().get("/_control/webhooks").await.text());
}
