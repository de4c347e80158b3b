//! When a visitor was answered, and how long that took.

use serde_json::{Value, json};

use super::{ADMIN, AGENT, BOT, SALES, open, requests};
use crate::support::{Actor, App, PROJECT};

const MINUTE: u64 = 60_000;

async fn say(by: &Actor<'_>, id: &str, text: &str) -> Value {
    by.post(&requests(&format!("/{id}/messages")), json!({"text": text})).await.expect(200)["request"].clone()
}

/// The JWT of a bot of the default world.
pub(super) async fn token(app: &App, bot: &str) -> String {
    let token = app.owner().get(&format!("{PROJECT}/bots/{}/jwt", &bot[4..])).await.expect(200);
    format!("JWT {}", token["jwt"].as_str().expect("a token"))
}

// "Wait time is the duration between the first visitor message in the chat and the first agent message."
#[tokio::test]
async fn waiting_time_runs_from_the_first_visitor_message_to_the_first_agent_message() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    let early = json!({"text": "opened the page", "preflight": true, "participants": [BOT, AGENT]});
    visitor.post(&requests("/early/messages"), early).await.expect(200);
    app.advance("10m").await;
    say(&visitor, "early", "Do you ship?").await;
    app.advance("1m").await;
    let bot = app.authorized(token(&app, BOT).await);
    assert_eq!(say(&bot, "early", "Let me see").await["waiting_time"], Value::Null, "bots do not count");
    app.advance("2m").await;
    let agent = app.agent();
    assert_eq!(say(&agent, "early", "We do").await["waiting_time"], 3 * MINUTE);
    app.advance("2m").await;
    assert_eq!(say(&agent, "early", "Anything else?").await["waiting_time"], 3 * MINUTE, "the first one counts");
    assert_eq!(owner.get(&requests("/early")).await.expect(200)["waiting_time"], 3 * MINUTE);
}

#[tokio::test]
async fn nobody_waits_before_the_visitor_wrote() {
    let app = App::new();
    let (agent, visitor) = (app.agent(), app.guest().await);
    let early = json!({"text": "opened the page", "preflight": true, "participants": [AGENT]});
    visitor.post(&requests("/early/messages"), early).await.expect(200);
    assert_eq!(say(&agent, "early", "May I help you?").await["waiting_time"], Value::Null);
}

#[tokio::test]
async fn an_answer_of_somebody_who_does_not_participate_counts_for_nothing() {
    let app = App::new();
    open(&app.owner(), "served", &[AGENT]).await;
    let answered = say(&app.admin(), "served", "I only look").await;
    assert_eq!((&answered["waiting_time"], &answered["first_response_at"]), (&Value::Null, &Value::Null));
}

// "ISO-8601 date string when the agent or bot replies the first time."
#[tokio::test]
async fn first_response_at_keeps_the_first_answer_after_a_hand_over() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    let body = json!({"text": "Hello", "participants": [AGENT]});
    visitor.post(&requests("/handed/messages"), body).await.expect(200);
    let first = say(&app.agent(), "handed", "Hello").await["first_response_at"].clone();
    app.advance("5m").await;
    owner.put(&requests("/handed/participants"), json!([ADMIN])).await.expect(200);
    let second = say(&app.admin(), "handed", "Hello again").await;
    assert_eq!((&second["first_response_at"], &second["waiting_time"]), (&first, &json!(5 * MINUTE)));
}

// "ISO-8601 date string when the request was assigned to an agent or bot."
#[tokio::test]
async fn every_assignment_moves_assigned_at() {
    let app = App::new();
    let owner = app.owner();
    open(&owner, "moved", &[AGENT]).await;
    let mut last = owner.get(&requests("/moved")).await.expect(200)["assigned_at"].clone();
    for (path, body) in [("participants", json!([ADMIN])), ("departments", json!({"departmentid": SALES}))] {
        app.advance("1m").await;
        let moved = owner.put(&requests(&format!("/moved/{path}")), body).await.expect(200)["assigned_at"].clone();
        assert_ne!(moved, last, "{path}");
        last = moved;
    }
    app.advance("1m").await;
    let nobody = owner.put(&requests("/moved/participants"), json!([])).await.expect(200);
    assert_eq!(nobody["assigned_at"], last, "nobody got it");
}

#[tokio::test]
async fn the_last_message_is_kept_from_the_second_one_on() {
    let app = App::new();
    let visitor = app.guest().await;
    let body = json!({"text": "First", "attributes": {"plan": "free"}, "participants": [AGENT]});
    let first = visitor.post(&requests("/last/messages"), body).await.expect(200);
    assert_eq!(first["request"]["attributes"], json!({"plan": "free"}));
    let second = say(&visitor, "last", "Second").await;
    assert_eq!(second["attributes"]["last_message"]["text"], "Second");
    assert_eq!(second["attributes"]["plan"], "free");
    app.owner().put(&requests("/last/close"), Value::Null).await.expect(200);
    let closed = app.owner().get(&requests("/last")).await.expect(200);
    assert_eq!(closed["attributes"]["last_message"]["text"], "Second", "the system does not count");
}
