//! The messages that external bots receive.

use serde_json::{Value, json};

use crate::support::{
    Actor, App, PROJECT,
    seed::{BOT, OTHER_BOT},
};

fn messages() -> String {
    format!("{PROJECT}/requests/with-bot/messages")
}

/// Gives a bot a URL and optionally another type.
async fn move_out(app: &App, bot: &str, kind: &str) {
    let url = format!("{}/_control/webhooks/inbox/{bot}", app.fake.url());
    app.owner().put(&format!("{PROJECT}/bots/{bot}"), json!({"url": url, "type": kind})).await.json_of(200);
}

/// A caller with the token of a bot.
async fn as_bot<'a>(app: &'a App, bot: &str) -> Actor<'a> {
    let token = app.owner().get(&format!("{PROJECT}/bots/{bot}/jwt")).await.json_of(200)["jwt"].clone();
    app.authorized(format!("JWT {}", token.as_str().expect("a token")))
}

async fn say(actor: &Actor<'_>, message: Value) {
    actor.post(&messages(), message).await.json_of(200);
}

/// The texts of the first `count` messages that a bot receives.
async fn sent(app: &App, bot: &str, count: usize) -> Vec<String> {
    let inbox = format!("/_control/webhooks/inbox/{bot}");
    let calls = app.nobody().get(&format!("{inbox}?wait={count}")).await.json_of(200)["calls"].clone();
    let texts = calls.as_array().expect("calls").iter().map(|call| call["body"]["payload"]["text"].clone());
    texts.map(|text| text.as_str().expect("a string").to_owned()).collect()
}

#[tokio::test]
async fn a_bot_of_any_type_does_not_receive_its_own_messages() {
    // "A bot never receives its own messages, whether the sender is `bot_ID` or `ID`."
    for kind in ["internal", "tilebot", "external"] {
        let app = App::new();
        move_out(&app, BOT, kind).await;
        let visitor = app.guest().await;
        let serves = json!([format!("bot_{BOT}")]);
        say(&visitor, json!({"text": "Hi", "participants": serves})).await;
        say(&as_bot(&app, BOT).await, json!({"text": "I am the bot"})).await;
        for sender in [BOT.to_owned(), format!("bot_{BOT}")] {
            say(&app.owner(), json!({"text": "I am the bot", "sender": sender})).await;
        }
        say(&visitor, json!({"text": "Over"})).await;
        assert_eq!(sent(&app, BOT, 2).await, ["Hi", "Over"], "{kind}");
    }
}

#[tokio::test]
async fn a_bot_does_not_receive_commands() {
    // "… nor messages containing `\agent` or `\close`"
    let app = App::new();
    move_out(&app, BOT, "external").await;
    let visitor = app.guest().await;
    say(&visitor, json!({"text": "Hi", "participants": [format!("bot_{BOT}")]})).await;
    for text in ["\\agent please", "Please \\agent, now", "C:\\agents", "\\close it", "Please \\close it"] {
        say(&visitor, json!({"text": text})).await;
    }
    say(&visitor, json!({"text": "Over"})).await;
    assert_eq!(sent(&app, BOT, 2).await, ["Hi", "Over"]);
}

#[tokio::test]
async fn a_bot_receives_only_the_start_message_of_the_system() {
    // "it does receive a system `\start`"
    let app = App::new();
    move_out(&app, BOT, "external").await;
    let visitor = app.guest().await;
    say(&visitor, json!({"text": "Hi", "participants": [format!("bot_{BOT}")]})).await;
    for text in ["\\start", "\\start now", "Chat closed"] {
        say(&app.owner(), json!({"text": text, "sender": "system"})).await;
    }
    say(&visitor, json!({"text": "Over"})).await;
    assert_eq!(sent(&app, BOT, 3).await, ["Hi", "\\start", "Over"]);
}

#[tokio::test]
async fn a_bot_receives_messages_of_other_bots_and_teammates() {
    let app = App::new();
    move_out(&app, BOT, "external").await;
    let visitor = app.guest().await;
    say(&visitor, json!({"text": "Hi", "participants": [format!("bot_{BOT}")]})).await;
    say(&as_bot(&app, OTHER_BOT).await, json!({"text": "From a bot"})).await;
    say(&app.owner(), json!({"text": "From the team"})).await;
    assert_eq!(sent(&app, BOT, 3).await, ["Hi", "From a bot", "From the team"]);
}

#[tokio::test]
async fn the_last_participating_bot_receives_the_messages() {
    let app = App::new();
    move_out(&app, BOT, "external").await;
    move_out(&app, OTHER_BOT, "external").await;
    let both = json!([format!("bot_{BOT}"), format!("bot_{OTHER_BOT}")]);
    say(&app.guest().await, json!({"text": "Hi", "participants": both})).await;
    assert_eq!(sent(&app, OTHER_BOT, 1).await, ["Hi"]);
    let inbox = app.nobody().get(&format!("/_control/webhooks/inbox/{BOT}")).await.json_of(200);
    assert_eq!(inbox["count"], 0);
}

#[tokio::test]
async fn a_bot_receives_the_conversation_without_its_snapshot() {
    let app = App::new();
    move_out(&app, BOT, "external").await;
    say(&app.guest().await, json!({"text": "Hi", "participants": [format!("bot_{BOT}")]})).await;
    let inbox = app.nobody().get(&format!("/_control/webhooks/inbox/{BOT}?wait=1")).await.json_of(200);
    let request = &inbox["calls"][0]["body"]["payload"]["request"];
    assert_eq!((&request["request_id"], request.get("snapshot")), (&json!("with-bot"), None));
}
