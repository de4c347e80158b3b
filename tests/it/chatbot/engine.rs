//! Attributes of the built-in bot's messages, and how it selects its replies.

use serde_json::{Value, json};

use super::{bots, faqs, id};
use crate::support::{
    Actor, App, PROJECT,
    seed::{BOT, OTHER_BOT, SHIPPING},
};

const NO_ANSWER: &str = "I did not find an answer in the knowledge base. \n Please reformulate your question?";

fn messages() -> String {
    format!("{PROJECT}/requests/asked/messages")
}

/// Opens a conversation with a bot.
async fn open(visitor: &Actor<'_>, bot: &str, message: Value) -> Value {
    let mut message = message;
    message["participants"] = json!([format!("bot_{bot}")]);
    visitor.post(&messages(), message).await.json_of(200)
}

/// The bots' messages in the conversation.
async fn answers(app: &App) -> Vec<Value> {
    let all = app.owner().get(&messages()).await.json_of(200);
    let all = all.as_array().expect("messages").clone();
    all.into_iter().filter(|message| message["sender"].as_str().is_some_and(|who| who.starts_with("bot_"))).collect()
}

fn texts(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["text"].as_str().unwrap_or_default()).collect()
}

/// Creates a FAQ of a bot.
async fn faq(app: &App, bot: &str, faq: Value) -> Value {
    let mut faq = faq;
    faq["id_faq_kb"] = json!(bot);
    app.owner().post(&faqs(""), faq).await.json_of(200)
}

/// Creates a bot with these fields.
async fn bot(app: &App, fields: Value) -> String {
    let mut fields = fields;
    fields["name"] = json!("Robbie");
    id(&app.owner().post(&bots(""), fields).await.json_of(200))
}

#[tokio::test]
async fn a_reply_names_its_intent() {
    let app = App::new();
    let asked = open(&app.guest().await, OTHER_BOT, json!({"text": "Do you ship to Ireland?"})).await;
    let answer = answers(&app).await.remove(0);
    let attributes = &answer["attributes"];
    assert_eq!(attributes["_raw_message"], "We deliver all over Europe.");
    assert_eq!(attributes["_answerid"], SHIPPING);
    let info = &attributes["intent_info"];
    assert_eq!((&info["intent_name"], &info["is_fallback"]), (&json!("shipping"), &json!(false)));
    assert_eq!(info["confidence"], 100);
    assert_eq!((&info["question_payload"]["_id"], &info["question_payload"]["text"]), (&asked["_id"], &asked["text"]));
    assert_eq!(info["question_payload"].get("request"), None);
    let intent = &info["others"];
    assert_eq!((&intent["_id"], &intent["score"], intent.get("id")), (&attributes["_answerid"], &json!(100), None));
    assert_eq!((&answer["createdBy"], &answer["senderFullname"]), (&answer["sender"], &json!("bot2")));
}

#[tokio::test]
async fn a_bot_without_a_match_sends_the_default_text_of_the_api() {
    // Recorded: text and attributes of the reference server's bot.
    let app = App::new();
    let bot = bot(&app, json!({"type": "internal", "template": "blank"})).await;
    let asked = open(&app.guest().await, &bot, json!({"text": "to the bot"})).await;
    let answer = answers(&app).await.remove(0);
    assert_eq!(answer["text"], NO_ANSWER);
    let info = &answer["attributes"]["intent_info"];
    assert_eq!((&info["intent_name"], &info["is_fallback"]), (&json!("DEFAULT_FALLBACK"), &json!(true)));
    assert_eq!((&info["confidence"], &info["question_payload"]["_id"]), (&json!(0), &asked["_id"]));
    assert_eq!(answer["attributes"].as_object().map(serde_json::Map::len), Some(1), "{answer}");
}

#[tokio::test]
async fn a_bot_without_a_match_uses_the_language_of_the_message() {
    for (language, begins) in [("it", "Non sono"), ("IT-IT", "Non sono"), ("fr", "I did not"), ("en", "I did not")] {
        let app = App::new();
        open(&app.guest().await, BOT, json!({"text": "zzz", "language": language})).await;
        assert!(texts(&answers(&app).await)[0].starts_with(begins), "{language}");
    }
}

#[tokio::test]
async fn the_fallback_reply_is_that_of_the_default_fallback_intent() {
    let app = App::new();
    open(&app.guest().await, OTHER_BOT, json!({"text": "zzz"})).await;
    let answer = answers(&app).await.remove(0);
    assert_eq!(answer["text"], "I did not understand. Can you say it differently?");
    assert_eq!(answer["attributes"]["_raw_message"], answer["text"]);
    assert_eq!(answer["attributes"]["intent_info"]["is_fallback"], true);
    assert_eq!(answer["attributes"].get("_answerid"), None);
}

#[tokio::test]
async fn a_bot_of_the_visual_editor_uses_its_fallback_intent() {
    let app = App::new();
    let bot = bot(&app, json!({"type": "tilebot", "template": "blank"})).await;
    open(&app.guest().await, &bot, json!({"text": "zzz"})).await;
    assert_eq!(texts(&answers(&app).await), ["I didn't understand. Can you rephrase your question?"]);
}

#[tokio::test]
async fn an_unmatched_message_emits_an_event() {
    // "emits `faqbot.answer_not_found`"
    let app = App::new();
    let guest = app.guest().await;
    let asked = open(&guest, OTHER_BOT, json!({"text": "zzz"})).await;
    guest.post(&messages(), json!({"text": "Do you ship to Ireland?"})).await.json_of(200);
    let events = app.owner().get(&format!("{PROJECT}/events")).await.json_of(200);
    let event = &events["events"][0];
    assert_eq!((&events["count"], &event["name"]), (&json!(1), &json!("faqbot.answer_not_found")));
    assert_eq!((&event["createdBy"], event.get("project_user")), (&json!("system"), None));
    let attributes = &event["attributes"];
    assert_eq!((&attributes["bot"]["_id"], attributes["bot"].get("secret")), (&json!(OTHER_BOT), None));
    assert_eq!(attributes["message"]["_id"], asked["_id"]);
    assert_eq!(attributes["message"]["request"]["request_id"], "asked");
}

#[tokio::test]
async fn replies_are_counted_per_intent() {
    let app = App::new();
    let visitor = app.guest().await;
    open(&visitor, OTHER_BOT, json!({"text": "zzz"})).await;
    for text in ["Do you ship to Ireland?", "Where do you deliver?", "I forgot my password"] {
        visitor.post(&messages(), json!({"text": text})).await.json_of(200);
    }
    let path = format!("{PROJECT}/analytics/requests/aggregate/attributes/_answerid");
    let rows = app.owner().get(&path).await.json_of(200);
    let rows = rows.as_array().expect("rows").iter();
    let rows: Vec<_> = rows.filter(|row| row["_id"]["_answerid"].is_string()).collect();
    for (intent, count) in [(SHIPPING, 2), ("5ce265606438e40017e36110", 1)] {
        let row = rows.iter().find(|row| row["_id"]["_answerid"] == intent).expect("the intent was counted");
        assert_eq!(row["count"], count);
    }
}

#[tokio::test]
async fn an_intent_continues_with_the_intents_it_names() {
    let app = App::new();
    let bot = bot(&app, json!({"type": "tilebot", "template": "blank"})).await;
    open(&app.guest().await, &bot, json!({"text": "\\start"})).await;
    assert_eq!(texts(&answers(&app).await), ["Hi, how can I help you?"]);
}

#[tokio::test]
async fn loops_of_intents_are_cut_off() {
    let app = App::new();
    let reply = json!({"_tdActionType": "reply", "attributes": {"commands": [{"message": {"text": "Again"}}]}});
    let jump = json!({"_tdActionType": "intent", "intentName": "circle"});
    let actions = json!([reply, jump, jump]);
    faq(&app, BOT, json!({"question": "Round", "intent_display_name": "circle", "actions": actions})).await;
    open(&app.guest().await, BOT, json!({"text": "round"})).await;
    assert_eq!(texts(&answers(&app).await), ["Again"; 11]);
}

#[tokio::test]
async fn a_message_may_name_the_intent_that_replies() {
    let app = App::new();
    let visitor = app.guest().await;
    open(&visitor, OTHER_BOT, json!({"text": "zzz"})).await;
    let uuid = "0c6f0f2e-6b1d-4a37-9d0e-2f9b7f0a1e03";
    for action in ["shipping", "shipping?a=1", uuid, &format!("#{uuid}"), SHIPPING] {
        let message = json!({"text": "zzz", "attributes": {"action": action}});
        visitor.post(&messages(), message).await.json_of(200);
        assert_eq!(texts(&answers(&app).await).last(), Some(&"We deliver all over Europe."), "{action}");
    }
    // An intent of another bot is not matched.
    let message = json!({"text": "zzz", "attributes": {"action": BOT}});
    visitor.post(&messages(), message).await.json_of(200);
    assert!(texts(&answers(&app).await).last().is_some_and(|text| text.starts_with("I did not")));
}

#[tokio::test]
async fn a_command_in_a_reply_is_sent_before_the_rest() {
    let app = App::new();
    faq(&app, BOT, json!({"question": "Human?", "answer": "One moment \\agent please"})).await;
    open(&app.guest().await, BOT, json!({"text": "Human?"})).await;
    let answers = answers(&app).await;
    assert_eq!(texts(&answers), ["\\agent", "One moment  please"]);
    assert_eq!(answers[0]["attributes"], json!({"subtype": "info"}));
    assert_eq!(answers[1]["attributes"]["_raw_message"], "One moment \\agent please");
    let request = app.owner().get(&format!("{PROJECT}/requests/asked")).await.json_of(200);
    assert_eq!(request["hasBot"], false, "the conversation is handed over");
}

#[tokio::test]
async fn an_intent_can_close_the_conversation() {
    for content in [json!({"answer": "\\close"}), json!({"actions": [{"_tdActionType": "close"}]})] {
        let app = App::new();
        let mut intent = content.clone();
        intent["question"] = json!("Bye");
        faq(&app, BOT, intent).await;
        open(&app.guest().await, BOT, json!({"text": "bye"})).await;
        let request = app.owner().get(&format!("{PROJECT}/requests/asked")).await.json_of(200);
        assert_eq!(request["status"], 1000, "{content}");
    }
}

#[tokio::test]
async fn a_deeply_nested_question_is_repeated_in_full() {
    let app = App::new();
    let nested = (0..62).fold(json!(1), |value, _| json!({"a": value}));
    open(&app.guest().await, OTHER_BOT, json!({"text": "Do you ship to Ireland?", "attributes": nested.clone()})).await;
    let answer = answers(&app).await.remove(0);
    let question = &answer["attributes"]["intent_info"]["question_payload"];
    assert_eq!((&question["text"], &question["attributes"]["a"]), (&json!("Do you ship to Ireland?"), &nested["a"]));
}

#[tokio::test]
async fn an_intent_without_text_sends_nothing() {
    let app = App::new();
    faq(&app, BOT, json!({"question": "Hm?", "actions": [{"_tdActionType": "reply"}]})).await;
    open(&app.guest().await, BOT, json!({"text": "Hm?"})).await;
    assert_eq!(answers(&app).await, Vec::<Value>::new());
}

#[tokio::test]
async fn markup_in_a_reply_becomes_an_image_and_buttons() {
    let app = App::new();
    let robbie = bot(&app, json!({"type": "internal"})).await;
    let text = "Our shop\ntdImage,w300 h200:https://example.com/shop.png\n* Open hours\n* Map https://example.com/map";
    faq(&app, &robbie, json!({"question": "shop", "answer": text})).await;
    open(&app.guest().await, &robbie, json!({"text": "shop"})).await;
    let answer = answers(&app).await.remove(0);
    assert_eq!((&answer["text"], &answer["type"]), (&json!("Our shop"), &json!("image")));
    let image = json!({"src": "https://example.com/shop.png", "width": 300, "height": 200});
    assert_eq!(answer["metadata"], image);
    assert_eq!(answer["attributes"]["_raw_message"], text);
    let map = json!({"type": "url", "value": "Map", "link": "https://example.com/map", "target": "blank"});
    let buttons = json!([{"type": "text", "value": "Open hours"}, map]);
    assert_eq!(answer["attributes"]["attachment"], json!({"type": "template", "buttons": buttons}));
}
