//! Limits on simulated visitors: open conversations and scripts.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT, alone, seed::PROJECT_ID};

const MEGABYTE: usize = 1 << 20;

const VISITORS: &str = "/_control/visitors";

async fn visitors(app: &App) -> Value {
    app.nobody().get(VISITORS).await.json_of(200)
}

#[tokio::test]
async fn at_most_50_conversations_of_visitors_are_open_at_once() {
    let app = App::new();
    app.nobody().post(VISITORS, json!({"rate": 600})).await.json_of(200);
    let mut most = 0;
    // All visitors arrive within seconds, and their conversations take minutes.
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
async fn no_visitors_arrive_while_memory_is_scarce() {
    if !alone("simulation::bound::no_visitors_arrive_while_memory_is_scarce") {
        return;
    }
    let app = App::with(|config| {
        config.memory = 128 * MEGABYTE;
        config.self_check = false;
    });
    let count = async || visitors(&app).await["count"].as_u64().expect("a number");
    let wait = async || {
        // Rejected while memory is scarce.
        app.nobody().put("/_control/clock", json!({"advance": "10s"})).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    app.nobody().post(VISITORS, json!({"rate": 600})).await.json_of(200);
    let mut patience = 0..500;
    while count().await == 0 && patience.next().is_some() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";
    let form = format!("{head}{}\r\n--x--\r\n", "1".repeat(4 * MEGABYTE));
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    for number in 0..28 {
        let path = format!("/_sandbox/s{number}/v3/files/users");
        let answer = app.owner().send(Method::POST, &path, &headers, form.clone()).await;
        assert!([201, 507].contains(&answer.status.as_u16()), "{}", answer.text());
    }
    let arrived = count().await;
    assert!(arrived > 0, "visitors arrived before");
    for _ in 0..20 {
        wait().await;
    }
    assert_eq!(count().await, arrived, "nobody arrives");
    assert_eq!(visitors(&app).await["running"], json!(true));
    for number in 0..28 {
        app.nobody().delete(&format!("/_control/sandboxes/s{number}")).await;
    }
    let mut patience = 0..50;
    while count().await == arrived && patience.next().is_some() {
        wait().await;
    }
    assert!(count().await > arrived, "visitors arrive again");
}
