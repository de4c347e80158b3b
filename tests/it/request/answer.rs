//! Response and waiting times of a request.

use serde_json::{Value, json};

use super::{open, requests};
use crate::support::{
    Actor, App, PROJECT,
    seed::{ADMIN, AGENT, BOT_USER, SALES},
};

const MINUTE: u64 = 60_000;

async fn say(by: &Actor<'_>, id: &str, text: &str) -> Value {
    by.post(&requests(&format!("/{id}/messages")), json!({"text": text})).await.json_of(200)["request"].clone()
}

/// The JWT of a bot in the default world.
pub(super) async fn token(app: &App, bot: &str) -> String {
    let token = app.owner().get(&format!("{PROJECT}/bots/{}/jwt", &bot[4..])).await.json_of(200);
    format!("JWT {}", token["jwt"].as_str().expect("a token"))
}

// "Wait time is the duration between the first visitor message in the chat and the first agent message."
#[tokio::test]
async fn waiting_time_runs_from_the_first_visitor_message_to_the_first_agent_message() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    let early = json!({"text": "opened the page", "preflight": true, "participants": [BOT_USER, AGENT]});
    visitor.post(&requests("/early/messages"), early).await.json_of(200);
    app.advance("10m").await;
    say(&visitor, "early", "Do you ship?").await;
    app.advance("1m").await;
    let bot = app.authorized(token(&app, BOT_USER).await);
    assert_eq!(say(&bot, "early", "Let me see").await["waiting_time"], Value::Null, "bots do not count");
    app.advance("2m").await;
    let agent = app.agent();
    assert_eq!(say(&agent, "early", "We do").await["waiting_time"], 3 * MINUTE);
    app.advance("2m").await;
    assert_eq!(
        say(&agent, "early", "Anything else?").await["waiting_time"],
        3 * MINUTE,
        "the first agent message counts"
    );
    assert_eq!(owner.get(&requests("/early")).await.json_of(200)["waiting_time"], 3 * MINUTE);
}

#[tokio::test]
async fn there_is_no_waiting_time_before_the_visitor_writes() {
    let app = App::new();
    let (agent, visitor) = (app.agent(), app.guest().await);
    let early = json!({"text": "opened the page", "preflight": true, "participants": [AGENT]});
    visitor.post(&requests("/early/messages"), early).await.json_of(200);
    assert_eq!(say(&agent, "early", "May I help you?").await["waiting_time"], Value::Null);
}

#[tokio::test]
async fn a_message_of_a_non_participant_is_not_a_response() {
    let app = App::new();
    open(&app.owner(), "served", &[AGENT]).await;
    let answered = say(&app.admin(), "served", "I only look").await;
    assert_eq!((&answered["waiting_time"], &answered["first_response_at"]), (&Value::Null, &Value::Null));
}

// "ISO-8601 date string when the agent or bot replies the first time."
#[tokio::test]
async fn first_response_at_is_kept_after_a_handover() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    let body = json!({"text": "Hello", "participants": [AGENT]});
    visitor.post(&requests("/handed/messages"), body).await.json_of(200);
    let first = say(&app.agent(), "handed", "Hello").await["first_response_at"].clone();
    app.advance("5m").await;
    owner.put(&requests("/handed/participants"), json!([ADMIN])).await.json_of(200);
    let second = say(&app.admin(), "handed", "Hello again").await;
    assert_eq!((&second["first_response_at"], &second["waiting_time"]), (&first, &json!(0)));
}

// "Wait time is the duration between the first visitor message in the chat and the first agent message."
#[tokio::test]
async fn waiting_time_is_kept_after_a_handover() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    for (id, rest, body) in [
        ("set", "participants", json!([ADMIN])),
        ("routed", "departments", json!({"departmentid": SALES, "nobot": true})),
        ("handed", "agent", json!({})),
    ] {
        let opening = json!({"text": "Hello", "participants": [AGENT, BOT_USER]});
        visitor.post(&requests(&format!("/{id}/messages")), opening).await.json_of(200);
        app.advance("30s").await;
        assert_eq!(say(&app.agent(), id, "Hello").await["waiting_time"], 30_000, "{id}");
        app.advance("55s").await;
        let given = owner.put(&requests(&format!("/{id}/{rest}")), body).await.json_of(200);
        assert_eq!(given["waiting_time"], 30_000, "{id}");
        owner.post(&requests(&format!("/{id}/participants")), json!({"member": ADMIN})).await.json_of(200);
        assert_eq!(say(&app.admin(), id, "Hello again").await["waiting_time"], 30_000, "{id}");
    }
}

// "ISO-8601 date string when the request was assigned to an agent or bot."
#[tokio::test]
async fn every_assignment_updates_assigned_at() {
    let app = App::new();
    let owner = app.owner();
    open(&owner, "moved", &[AGENT]).await;
    let mut last = owner.get(&requests("/moved")).await.json_of(200)["assigned_at"].clone();
    for (path, body) in [("participants", json!([ADMIN])), ("departments", json!({"departmentid": SALES}))] {
        app.advance("1m").await;
        let moved = owner.put(&requests(&format!("/moved/{path}")), body).await.json_of(200)["assigned_at"].clone();
        assert_ne!(moved, last, "{path}");
        last = moved;
    }
    app.advance("1m").await;
    let nobody = owner.put(&requests("/moved/participants"), json!([])).await.json_of(200);
    assert_eq!(nobody["assigned_at"], last, "not assigned to anyone");
}

#[tokio::test]
async fn last_message_is_stored_from_the_second_message_on() {
    let app = App::new();
    let visitor = app.guest().await;
    let body = json!({"text": "First", "attributes": {"plan": "free"}, "participants": [AGENT]});
    let first = visitor.post(&requests("/last/messages"), body).await.json_of(200);
    assert_eq!(first["request"]["attributes"], json!({"plan": "free"}));
    let second = say(&visitor, "last", "Second").await;
    assert_eq!(second["attributes"]["last_message"]["text"], "Second");
    assert_eq!(second["attributes"]["plan"], "free");
    app.owner().put(&requests("/last/close"), Value::Null).await.json_of(200);
    let closed = app.owner().get(&requests("/last")).await.json_of(200);
    assert_eq!(closed["attributes"]["last_message"]["text"], "Second", "system messages do not count");
}
