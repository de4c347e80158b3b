//! Messages of bots in conversations, and when bots leave.

use serde_json::{Value, json};

use super::{bots, empty_bot, faqs};
use crate::support::{
    Actor, App, PROJECT,
    seed::{BOT, OTHER_BOT, PROJECT_ID, SALES},
    socket::{Socket, taken},
};

/// The message of a bot without a fallback.
const NO_ANSWER: &str = "I did not find an answer in the knowledge base. \n Please reformulate your question?";
const OWNER: &str = "andrea.leo@f21.it";

fn requests(rest: &str) -> String {
    format!("{PROJECT}/requests{rest}")
}

/// A visitor's first message to a bot.
async fn open(visitor: &Actor<'_>, bot: &str, text: &str) -> Value {
    let body = json!({"text": text, "participants": [format!("bot_{bot}")]});
    visitor.post(&requests("/asked/messages"), body).await.json_of(200)
}

async fn say(visitor: &Actor<'_>, text: &str) {
    visitor.post(&requests("/asked/messages"), json!({"text": text})).await.json_of(200);
}

/// The texts of the conversation, with the sender unless it is the visitor.
async fn said(app: &App) -> Vec<String> {
    let all = app.owner().get(&requests("/asked/messages")).await.json_of(200);
    let messages = all.as_array().expect("messages").iter();
    let line = |message: &Value| {
        let text = message["text"].as_str().unwrap_or_default();
        match message["sender"].as_str().expect("a sender") {
            sender if sender.starts_with("bot_") => format!("{}: {text}", &sender[4..8]),
            "system" => format!("system: {}", &text[..text.len().min(20)]),
            _ => text.to_owned(),
        }
    };
    messages.map(line).collect()
}

#[tokio::test]
async fn a_bot_replies_from_its_intents() {
    let app = App::new();
    let visitor = app.guest().await;
    let sent = open(&visitor, OTHER_BOT, "do you ship to ireland?").await;
    assert_eq!(sent["text"], "do you ship to ireland?", "the response is the visitor's own message");
    say(&visitor, "Sorry, what about a lost password?").await;
    say(&visitor, "zzz").await;
    say(&visitor, "\\unknown").await;
    assert_eq!(
        said(&app).await,
        [
            "do you ship to ireland?",
            "5ce2: We deliver all over Europe.",
            "Sorry, what about a lost password?",
            "5ce2: Choose \"Forgot password\" on the page where you sign in.",
            "zzz",
            "5ce2: I did not understand. Can you say it differently?",
            "\\unknown",
            "5ce2: I did not understand. Can you say it differently?",
        ]
    );
    let request = app.owner().get(&requests("/asked")).await.json_of(200);
    assert_eq!((&request["status"], &request["hasBot"]), (&json!(200), &json!(true)));
    assert_eq!(request["waiting_time"], Value::Null, "no agent has responded yet");
    assert!(request["first_response_at"].is_string(), "the bot responded first");
    assert_eq!(request["attributes"]["last_message"]["text"], "\\unknown", "the last message sent by a client");
}

#[tokio::test]
async fn a_command_of_a_bot_must_match_word_for_word() {
    let app = App::new();
    let visitor = app.guest().await;
    open(&visitor, BOT, "Good morning, start please").await;
    assert_eq!(said(&app).await[1..], [format!("5be9: {NO_ANSWER}")]);
    say(&visitor, "\\start").await;
    assert_eq!(said(&app).await[2..], ["\\start", "5be9: Hello"]);
    app.owner().put(&faqs(&format!("/{BOT}")), json!({"id_faq_kb": BOT, "enabled": false})).await.json_of(200);
    say(&visitor, "\\start").await;
    assert_eq!(said(&app).await[4..], ["\\start".to_owned(), format!("5be9: {NO_ANSWER}")]);
}

#[tokio::test]
async fn a_bot_replies_to_any_sender_in_its_conversation() {
    // Recorded: the reference server's bot replies to another bot that wrote with its own token.
    let app = App::new();
    open(&app.guest().await, OTHER_BOT, "zzz").await;
    let token = app.owner().get(&bots(&format!("/{BOT}/jwt"))).await.json_of(200)["jwt"].clone();
    let other = app.authorized(format!("JWT {}", token.as_str().expect("a token")));
    for actor in [app.owner(), other] {
        say(&actor, "Do you ship to Ireland?").await;
        assert_eq!(said(&app).await.last().map(String::as_str), Some("5ce2: We deliver all over Europe."));
    }
}

#[tokio::test]
async fn a_bot_does_not_reply_to_itself() {
    let app = App::new();
    open(&app.guest().await, OTHER_BOT, "zzz").await;
    let token = app.owner().get(&bots(&format!("/{OTHER_BOT}/jwt"))).await.json_of(200)["jwt"].clone();
    let itself = app.authorized(format!("JWT {}", token.as_str().expect("a token")));
    let before = said(&app).await.len();
    say(&itself, "Do you ship to Ireland?").await;
    let prefixed = json!({"text": "Do you ship to Ireland?", "sender": format!("bot_{OTHER_BOT}")});
    app.owner().post(&requests("/asked/messages"), prefixed).await.json_of(200);
    assert_eq!(said(&app).await.len(), before + 2);
}

#[tokio::test]
async fn only_the_start_command_of_the_system_triggers_a_bot() {
    // "A bot … does receive a system `\\start`."
    let app = App::new();
    open(&app.guest().await, BOT, "Hello").await;
    for (text, answered) in [("\\start", true), ("\\start now", false), ("Hello", false)] {
        let before = said(&app).await.len();
        let body = json!({"text": text, "sender": "system"});
        app.owner().post(&requests("/asked/messages"), body).await.json_of(200);
        let after = said(&app).await;
        assert_eq!(after.len(), before + 1 + usize::from(answered), "{after:?}");
        assert!(!answered || after.last().is_some_and(|line| line == "5be9: Hello"), "{after:?}");
    }
}

#[tokio::test]
async fn an_external_bot_sends_no_built_in_reply() {
    for change in [json!({"url": "http://127.0.0.1:9/bot"}), json!({"type": "dialogflow"}), json!({"external": true})] {
        let app = App::new();
        let visitor = app.guest().await;
        app.owner().put(&bots(&format!("/{OTHER_BOT}")), change.clone()).await.json_of(200);
        open(&visitor, OTHER_BOT, "Do you ship to Ireland?").await;
        assert_eq!(said(&app).await, ["Do you ship to Ireland?"], "{change}");
    }
}

#[tokio::test]
async fn asking_for_a_human_hands_over_to_an_agent() {
    // Triggered by the visitor's message or by the matching intent.
    for (text, asked) in [("\\agent", vec!["\\agent"]), ("Operator", vec!["Operator", "5ce2: \\agent", "5ce2: "])] {
        let app = App::new();
        let visitor = app.guest().await;
        let body = json!({"text": "ship", "departmentid": SALES, "participants": []});
        visitor.post(&requests("/asked/messages"), body).await.json_of(200);
        app.owner().put(&requests("/asked/participants"), json!([format!("bot_{OTHER_BOT}")])).await.json_of(200);
        let before = said(&app).await.len();
        say(&visitor, text).await;
        let all = said(&app).await;
        assert_eq!(all[before..before + asked.len()], asked);
        assert_eq!(all[before + asked.len()..], ["system: A new support reques"], "the agent is notified");
        let request = app.owner().get(&requests("/asked")).await.json_of(200);
        assert_eq!((&request["hasBot"], &request["participantsBots"]), (&json!(false), &json!([])));
        assert_eq!(request["participantsAgents"].as_array().map(Vec::len), Some(1), "{request}");
        say(&visitor, "Do you ship to Ireland?").await;
        assert_eq!(said(&app).await.last().map(String::as_str), Some("Do you ship to Ireland?"), "the bot has left");
    }
}

#[tokio::test]
async fn a_command_is_everything_after_the_first_backslash() {
    let app = App::new();
    let visitor = app.guest().await;
    for text in ["C:\\agents\\agent", "\\agent please", "Please, \\agent, now"] {
        open(&visitor, BOT, text).await;
        let request = app.owner().get(&requests("/asked")).await.json_of(200);
        assert_eq!(request["hasBot"], true, "{text}");
        assert_eq!(said(&app).await.last().map(String::as_str), Some(text), "the bot does not receive it");
    }
    // External bots can send commands, too.
    let bot = json!({"text": "One moment \\agent", "sender": format!("bot_{BOT}")});
    app.owner().post(&requests("/asked/messages"), bot).await.json_of(200);
    assert_eq!(app.owner().get(&requests("/asked")).await.json_of(200)["hasBot"], false);
}

#[tokio::test]
async fn a_command_closes_the_conversation() {
    let app = App::new();
    let visitor = app.guest().await;
    open(&visitor, BOT, "Bye \\close now").await;
    assert_eq!(app.owner().get(&requests("/asked")).await.json_of(200)["status"], 200);
    say(&visitor, "Bye \\close").await;
    assert_eq!(app.owner().get(&requests("/asked")).await.json_of(200)["status"], 1000);
}

#[tokio::test]
async fn the_published_copy_replies_for_its_bot() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    let bot = empty_bot(&app, "Release").await;
    let faq = json!({"id_faq_kb": bot, "question": "Price?", "answer": "Ten.", "intent_display_name": "price"});
    let faq = owner.post(&faqs(""), faq).await.json_of(200);
    owner.put(&bots(&format!("/{bot}/publish")), json!({})).await.json_of(200);
    let path = faqs(&format!("/{}", super::id(&faq)));
    owner.put(&path, json!({"id_faq_kb": bot, "answer": "Twenty."})).await.json_of(200);
    open(&visitor, &bot, "price?").await;
    assert_eq!(said(&app).await[1], format!("{}: Ten.", &bot[..4]), "the copy that was published");
    owner.put(&bots(&format!("/{bot}/publish")), json!({})).await.json_of(200);
    say(&visitor, "price?").await;
    assert_eq!(said(&app).await[3], format!("{}: Twenty.", &bot[..4]), "the changed bot");
}

#[tokio::test]
async fn replies_are_published_in_the_order_they_are_sent() {
    let app = App::new();
    let visitor = app.guest().await;
    let actions = json!([{"_tdActionType": "reply", "attributes": {"commands": [
        {"type": "wait", "time": 500},
        {"type": "message", "message": {"type": "text", "text": "One"}},
        {"type": "message", "message": {"type": "text", "text": "Two"}},
    ]}}]);
    let faq = json!({"id_faq_kb": BOT, "question": "Count", "actions": actions});
    app.owner().post(&faqs(""), faq).await.json_of(200);
    open(&visitor, BOT, "zzz").await;
    let mut socket = Socket::of(&app, OWNER).await;
    let name = format!("/{PROJECT_ID}/requests/asked/messages");
    socket.first(&name).await;
    taken(&app).await;
    say(&visitor, "count").await;
    for text in ["count", "One", "Two"] {
        assert_eq!(socket.frame(&name, "CREATE").await["text"], text);
    }
}

#[tokio::test]
async fn bots_are_replaced_in_a_conversation() {
    let app = App::new();
    let owner = app.owner();
    open(&app.guest().await, BOT, "Hello").await;
    // The sequence of calls of the API's client.
    owner.delete(&requests(&format!("/asked/participants/bot_{BOT}"))).await.json_of(200);
    let member = json!({"member": format!("bot_{OTHER_BOT}")});
    let changed = owner.post(&requests("/asked/participants"), member).await.json_of(200);
    assert_eq!(changed["participantsBots"], json!([OTHER_BOT]));
    for (body, bot, before) in [
        (json!({"id": BOT}), BOT, OTHER_BOT),
        (json!({"name": "bot2"}), OTHER_BOT, BOT),
        (json!({"slug": "bot1"}), BOT, OTHER_BOT),
    ] {
        let replaced = owner.put(&requests("/asked/replace"), body.clone()).await.json_of(200);
        assert_eq!(replaced["participants"], json!([format!("bot_{bot}")]), "{body}");
        assert_eq!(replaced["replaced_bot_root_id"], before, "{body}");
    }
    let handed = owner.put(&requests("/asked/agent"), json!({})).await.json_of(200);
    assert_eq!(handed["participantsBots"], json!([]));
    let alone = owner.put(&requests("/asked/replace"), json!({"id": BOT})).await.json_of(200);
    assert_eq!(alone.get("replaced_bot_root_id"), None, "no bot was serving");

    let before = app.state().await;
    owner.put(&requests("/asked/replace"), json!({})).await.json_of(400);
    for body in [json!({"id": "fake"}), json!({"name": "nobody"}), json!({"slug": "x"}), json!({"id": OWNER})] {
        owner.put(&requests("/asked/replace"), body).await.json_of(404);
    }
    owner.put(&requests("/nowhere/replace"), json!({"id": BOT})).await.json_of(404);
    owner.put(&requests("/asked/replace"), json!({"id": {}})).await.json_of(422);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_bot_topic_publishes_its_updates() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let name = format!("/{PROJECT_ID}/bots/{BOT}");
    let first = socket.first(&name).await;
    let updated = app.owner().put(&bots(&format!("/{BOT}")), json!({"description": "New"})).await.json_of(200);
    let told = socket.frame(&name, "UPDATE").await;
    assert_eq!(told, updated);
    assert_ne!(told, first);
    app.owner().put(&bots(&format!("/{OTHER_BOT}")), json!({"description": "New"})).await.json_of(200);
    socket.silent(&app).await;
}
