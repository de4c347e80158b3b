//! What bots and the receivers of webhooks may do with requests.

use serde_json::{Value, json};

use super::{AGENT, BOT, OTHER_BOT, answer::token, open, requests};
use crate::support::{App, PROJECT, sink::Sink};

#[tokio::test]
async fn a_bot_closes_the_request_that_it_serves_and_no_other() {
    let app = App::new();
    open(&app.owner(), "served", &[BOT]).await;
    let path = requests("/served/close");
    let other = app.authorized(token(&app, OTHER_BOT).await);
    let refused = other.put(&path, Value::Null).await.expect(403);
    assert_eq!(refused["error"], "You must be among the participants to close a conversation.");
    let bot = app.authorized(token(&app, BOT).await);
    let closed = bot.put(&path, Value::Null).await.expect(200);
    assert_eq!((&closed["status"], &closed["closed_by"]), (&json!(1000), &json!(&BOT[4..])));
}

#[tokio::test]
async fn a_bot_rates_the_request_that_it_serves_and_no_other() {
    let app = App::new();
    open(&app.owner(), "served", &[BOT]).await;
    let path = requests("/served/rating");
    let other = app.authorized(token(&app, OTHER_BOT).await);
    assert_eq!(other.patch(&path, json!({"rating": 1})).await.expect(404)["msg"], "Request not found");
    let bot = app.authorized(token(&app, BOT).await);
    assert_eq!(bot.patch(&path, json!({"rating": 4})).await.expect(200)["rating"], 4);
}

#[tokio::test]
async fn the_receiver_of_a_webhook_closes_and_rates_the_requests_of_its_project_alone() {
    let (app, sink) = (App::new(), Sink::start());
    let owner = app.owner();
    let body = json!({"target": sink.url("/hook"), "event": "request.create"});
    owner.post(&format!("{PROJECT}/subscriptions"), body).await.expect(200);
    open(&owner, "served", &[AGENT]).await;
    let call = sink.calls(1).remove(0);
    let receiver = app.authorized(format!("JWT {}", call.body["token"].as_str().expect("a token")));
    assert_eq!(receiver.patch(&requests("/served/rating"), json!({"rating": 3})).await.expect(200)["rating"], 3);
    receiver.put("/v3/5ab0f32757066e0014bfd718/requests/served/close", Value::Null).await.expect(403);
    assert_eq!(receiver.put(&requests("/served/close"), Value::Null).await.expect(200)["status"], 1000);
}

#[tokio::test]
async fn what_is_served_is_assigned_without_its_references() {
    let app = App::new();
    let owner = app.owner();
    open(&owner, "served", &[AGENT]).await;
    let assigned = owner.put(&requests("/served/assign"), json!({})).await.expect(200);
    assert!(assigned["requester"].is_string() && assigned["lead"].is_string(), "{assigned}");
    assert_eq!(assigned.get("participatingAgents"), None);
    open(&owner, "unserved", &[]).await;
    let assigned = owner.put(&requests("/unserved/assign"), json!({})).await.expect(200);
    assert!(assigned["lead"].is_object() && assigned["participatingAgents"].is_array(), "{assigned}");
}

#[tokio::test]
async fn a_bot_that_is_not_there_replaces_none_and_is_named() {
    let app = App::new();
    open(&app.owner(), "served", &[BOT]).await;
    for (key, name) in [("name", "Robbie 2"), ("slug", "robbie-2"), ("id", "5be9b2ecc72a050015e14000")] {
        let refused = app.owner().put(&requests("/served/replace"), json!({key: name})).await.expect(404);
        assert_eq!(refused["error"], format!("Chatbot with {key} '{name}' not found"));
    }
}
