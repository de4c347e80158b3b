//! Access of bots and webhook receivers to requests.

use serde_json::{Value, json};

use super::{OTHER_BOT_USER, answer::token, open, requests};
use crate::support::{
    App, PROJECT,
    seed::{AGENT, BOT_USER, OTHER_PROJECT},
    sink::Sink,
};

#[tokio::test]
async fn a_bot_can_close_only_the_requests_it_serves() {
    let app = App::new();
    open(&app.owner(), "served", &[BOT_USER]).await;
    let path = requests("/served/close");
    let other = app.authorized(token(&app, OTHER_BOT_USER).await);
    let refused = other.put(&path, Value::Null).await.json_of(403);
    assert_eq!(refused["error"], "You must be among the participants to close a conversation.");
    let bot = app.authorized(token(&app, BOT_USER).await);
    let closed = bot.put(&path, Value::Null).await.json_of(200);
    assert_eq!((&closed["status"], &closed["closed_by"]), (&json!(1000), &json!(&BOT_USER[4..])));
}

#[tokio::test]
async fn a_bot_can_rate_only_the_requests_it_serves() {
    let app = App::new();
    open(&app.owner(), "served", &[BOT_USER]).await;
    let path = requests("/served/rating");
    let other = app.authorized(token(&app, OTHER_BOT_USER).await);
    assert_eq!(other.patch(&path, json!({"rating": 1})).await.json_of(404)["msg"], "Request not found");
    let bot = app.authorized(token(&app, BOT_USER).await);
    assert_eq!(bot.patch(&path, json!({"rating": 4})).await.json_of(200)["rating"], 4);
}

#[tokio::test]
async fn a_webhook_receiver_closes_and_rates_requests_of_its_own_project_only() {
    let (app, sink) = (App::new(), Sink::start());
    let owner = app.owner();
    let body = json!({"target": sink.url("/hook"), "event": "request.create"});
    owner.post(&format!("{PROJECT}/subscriptions"), body).await.json_of(200);
    open(&owner, "served", &[AGENT]).await;
    let call = sink.calls(1).remove(0);
    let receiver = app.authorized(format!("JWT {}", call.body["token"].as_str().expect("a token")));
    assert_eq!(receiver.patch(&requests("/served/rating"), json!({"rating": 3})).await.json_of(200)["rating"], 3);
    receiver.put(&format!("{OTHER_PROJECT}/requests/served/close"), Value::Null).await.json_of(403);
    assert_eq!(receiver.put(&requests("/served/close"), Value::Null).await.json_of(200)["status"], 1000);
}

#[tokio::test]
async fn assigning_a_served_request_returns_ids_instead_of_documents() {
    let app = App::new();
    let owner = app.owner();
    open(&owner, "served", &[AGENT]).await;
    let assigned = owner.put(&requests("/served/assign"), json!({})).await.json_of(200);
    assert!(assigned["requester"].is_string() && assigned["lead"].is_string(), "{assigned}");
    assert_eq!(assigned.get("participatingAgents"), None);
    open(&owner, "unserved", &[]).await;
    let assigned = owner.put(&requests("/unserved/assign"), json!({})).await.json_of(200);
    assert!(assigned["lead"].is_object() && assigned["participatingAgents"].is_array(), "{assigned}");
}

#[tokio::test]
async fn replacing_by_an_unknown_bot_fails_with_its_name() {
    let app = App::new();
    open(&app.owner(), "served", &[BOT_USER]).await;
    for (key, name) in [("name", "Robbie 2"), ("slug", "robbie-2"), ("id", "5be9b2ecc72a050015e14000")] {
        let refused = app.owner().put(&requests("/served/replace"), json!({key: name})).await.json_of(404);
        assert_eq!(refused["error"], format!("Chatbot with {key} '{name}' not found"));
    }
}
