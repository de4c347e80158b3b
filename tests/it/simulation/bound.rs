//! Bounds of simulated visitors: how many come at once, how many are scripted, and what memory is left to calls.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{App, PROJECT, seed::PROJECT_ID};

const VISITORS: &str = "/_control/visitors";

async fn visitors(app: &App) -> Value {
    app.nobody().get(VISITORS).await.json_of(200)
}

#[tokio::test]
async fn at_most_50_conversations_of_visitors_are_open_at_once() {
    let app = App::new();
    app.nobody().post(VISITORS, json!({"rate": 600})).await.json_of(200);
    let mut most = 0;
    // All visitors come within seconds, and their conversations take minutes.
    for _ in 0..120 {
        app.advance("175ms").await;
        tokio::time::sleep(Duration::from_millis(5)).await;
        let open = visitors(&app).await["open"].as_array().map_or(0, Vec::len);
        most = open.max(most);
    }
    assert_eq!(most, 50);
}

#[tokio::test]
async fn at_most_100_visitors_are_scripted() {
    let app = App::new();
    let guest = app.guest().await;
    let script = |number: usize| json!({"request": format!("support-group-{PROJECT_ID}-{number}"), "reply": "Thanks"});
    for number in 0..=100 {
        let path = format!("{PROJECT}/requests/support-group-{PROJECT_ID}-{number}/messages");
        guest.post(&path, json!({"text": "Hi"})).await.json_of(200);
        if number < 100 {
            app.nobody().post(VISITORS, script(number)).await.json_of(200);
        }
    }
    let refused = app.nobody().post(VISITORS, script(100)).await.json_of(409);
    assert_eq!(refused["title"], "A sandbox has at most 100 scripted visitors.");
    app.nobody().post(VISITORS, script(7)).await.json_of(200);
    assert_eq!(
        visitors(&app).await["scripted"].as_array().map(Vec::len),
        Some(100),
        "another script replaces the first"
    );
}

#[tokio::test]
async fn no_visitors_come_while_memory_is_scarce() {
    // Documents of concurrent tests in this process count, too.
    let app = App::with(|config| {
        config.memory = 128 << 20;
        config.self_check = false;
    });
    app.nobody().post(VISITORS, json!({"rate": 600})).await.json_of(200);
    for _ in 0..3 {
        app.advance("1s").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = visitors(&app).await["count"].as_u64();
    assert!(before > Some(1), "visitors come: {before:?}");
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    // What is uploaded is in memory several times meanwhile, so that small files still fit when large ones do not.
    for size in [8 << 20, 1 << 20] {
        let form = format!("{head}{}\r\n--x--\r\n", "1".repeat(size));
        let mut status = 201;
        for _ in 0..60 {
            if status == 201 {
                let uploaded = app.owner().send(http::Method::POST, "/v3/files/users", &headers, form.clone()).await;
                status = uploaded.status.as_u16();
            }
        }
        assert_eq!(status, 507, "no file of {size} bytes fits");
    }
    for _ in 0..10 {
        app.advance("1s").await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let after = visitors(&app).await;
    assert_eq!((&after["running"], after["count"].as_u64()), (&json!(true), before));
}
