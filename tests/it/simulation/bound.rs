//! Limits on simulated visitors: open conversations and scripts.

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
