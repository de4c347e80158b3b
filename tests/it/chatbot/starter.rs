//! Initial contents of bots and projects, and the events they emit.

use serde_json::{Value, json};

use super::{all, bots, faqs, id};
use crate::support::{
    App, PROJECT,
    seed::{OTHER_BOT, OTHER_PROJECT_ID},
};

/// Subscribes an inbox to events of the main project.
async fn listen(app: &App, events: &[&str]) {
    for event in events {
        let target = format!("{}/_control/webhooks/inbox/heard", app.fake.url());
        let subscription = json!({"event": event, "target": target});
        app.owner().post(&format!("{PROJECT}/subscriptions"), subscription).await.json_of(200);
    }
}

/// Name and payload of each event, once `count` of them have arrived.
async fn heard(app: &App, count: usize) -> Vec<(String, Value)> {
    let inbox = app.nobody().get(&format!("/_control/webhooks/inbox/heard?wait={count}")).await.json_of(200);
    let calls = inbox["calls"].as_array().expect("calls").iter().map(|call| &call["body"]);
    let name = |body: &Value| body["hook"]["event"].as_str().expect("a name").to_owned();
    calls.map(|body| (name(body), body["payload"].clone())).collect()
}

fn names(heard: &[(String, Value)]) -> Vec<&str> {
    heard.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_blank_bot_starts_with_intents_with_actions() {
    // As recorded from the reference server.
    let app = App::new();
    let new = json!({"name": "Robbie", "type": "internal", "template": "blank", "language": "it"});
    let bot = id(&app.owner().post(&bots(""), new).await.json_of(200));
    let list = app.owner().get(&faqs(&format!("?id_faq_kb={bot}"))).await.json_of(200);
    assert_eq!(all(&list, "intent_display_name"), ["defaultFallback", "start", "welcome"]);
    assert_eq!((all(&list, "topic"), all(&list, "language")), (vec!["default"; 3], vec!["en"; 3]));
    let says = |text: &str| json!([{"type": "wait", "time": 500}, {"type": "message", "message": {"type": "text", "text": text}}]);
    let fallback = "I didn't understand. Can you rephrase your question?";
    let action = json!({"_tdActionType": "reply", "text": fallback, "attributes": {"commands": says(fallback)}});
    assert_eq!(list[0]["actions"], json!([action]));
    let jump = format!("#{}", list[2]["intent_id"].as_str().expect("a UUID"));
    assert_eq!(list[1]["actions"], json!([{"_tdActionType": "intent", "intentName": jump}]));
    let greeting = "Hi, how can I help you?";
    let attributes = json!({"disableInputMessage": false, "commands": says(greeting)});
    let action = json!({"_tdActionType": "reply", "text": format!("{greeting}\r\n"), "attributes": attributes});
    assert_eq!(list[2]["actions"], json!([action]));
    for (at, x, y) in [(0, 714, 528), (1, 172, 384), (2, 714, 113)] {
        assert_eq!(list[at]["attributes"], json!({"position": {"x": x, "y": y}}));
    }
    let questions: Vec<_> = (0..3).map(|at| list[at].get("question").cloned()).collect();
    assert_eq!(questions, [None, Some(json!("\\start")), None]);
    assert!((0..3).all(|at| list[at].get("answer").is_none()), "{list}");
}

#[tokio::test]
async fn starter_intents_emit_no_webhooks() {
    let app = App::new();
    listen(&app, &["faq.create", "faqBot.create"]).await;
    for template in ["blank", "example", "handoff"] {
        app.owner().post(&bots(""), json!({"name": "New", "template": template})).await.json_of(200);
    }
    app.owner().post(&faqs(""), json!({"id_faq_kb": OTHER_BOT, "question": "q"})).await.json_of(200);
    let heard = heard(&app, 4).await;
    assert_eq!(names(&heard).iter().filter(|name| **name == "faq.create").count(), 1, "{:?}", names(&heard));
}

#[tokio::test]
async fn each_csv_row_emits_an_event() {
    // Recorded: two rows, two events of the reference server.
    let app = App::new();
    listen(&app, &["faq.create"]).await;
    super::faq::upload(&app, &[("uploadFile", "qa;aa\nqb;ab\n"), ("id_faq_kb", OTHER_BOT)]).await.json_of(200);
    let heard = heard(&app, 2).await;
    let said: Vec<_> = heard.iter().map(|(_, faq)| (&faq["question"], &faq["actions"][0]["text"])).collect();
    assert_eq!(said, [(&json!("qa"), &json!("aa")), (&json!("qb"), &json!("ab"))]);
}

#[tokio::test]
async fn intent_search_skips_intents_without_a_question() {
    let app = App::new();
    let bot = id(&app.owner().post(&bots(""), json!({"name": "New", "template": "blank"})).await.json_of(200));
    let faq = json!({"id_faq_kb": bot, "question": "hello", "answer": "hi", "intent_display_name": "greeting"});
    app.owner().post(&faqs(""), faq).await.json_of(200);
    let found = app.owner().get(&faqs(&format!("?id_faq_kb={bot}&text=hello"))).await.json_of(200);
    assert_eq!(all(&found, "intent_display_name"), ["greeting"]);
}

#[tokio::test]
async fn a_new_project_has_an_identity_bot() {
    let app = App::new();
    let project = id(&app.owner().post("/v3/projects", json!({"name": "New"})).await.json_of(200));
    for name in ["bots", "faq_kb"] {
        let path = format!("/v3/{project}/{name}");
        assert_eq!(app.owner().get(&path).await.json_of(200), json!([]));
        let list = app.owner().get(&format!("{path}?all=true")).await.json_of(200);
        assert_eq!(list.as_array().map(Vec::len), Some(1));
        for (field, value) in [
            ("name", "Bot"),
            ("type", "identity"),
            ("subtype", "chatbot"),
            ("slug", "bot"),
            ("description", "An identity bot"),
            ("createdBy", "system"),
        ] {
            assert_eq!(list[0][field], value, "{field}");
        }
    }
    let second = app.owner().post(&format!("/v3/{project}/bots"), json!({"name": "Bot"})).await.json_of(200);
    assert_eq!(second["slug"], "bot-1");
    let elsewhere = app.owner().get(&format!("/v3/{OTHER_PROJECT_ID}/bots?all=true")).await.json_of(200);
    assert_eq!(elsewhere, json!([]), "older projects have none");
}

#[tokio::test]
async fn forking_emits_a_create_and_an_update_event() {
    let app = App::new();
    listen(&app, &["faqBot.create", "faqBot.update"]).await;
    let copy = app.owner().post(&bots(&format!("/fork/{OTHER_BOT}")), Value::Null).await.json_of(200)["bot_id"].clone();
    let heard = heard(&app, 2).await;
    // Deliveries of two subscriptions may arrive out of order.
    let mut names = names(&heard);
    names.sort_unstable();
    assert_eq!(names, ["faqBot.create", "faqBot.update"]);
    assert!(heard.iter().all(|(_, bot)| bot["_id"] == copy), "{heard:?}");
}

#[tokio::test]
async fn publishing_emits_updates_of_the_copy_and_then_the_bot() {
    let app = App::new();
    listen(&app, &["faqBot.update"]).await;
    let published = app.owner().put(&bots(&format!("/{OTHER_BOT}/publish")), json!({"release_note": "r1"})).await;
    let copy = published.json_of(200)["bot_id"].clone();
    let heard = heard(&app, 3).await;
    let fields = ["root_id", "release_note", "publishedBy", "publishedAt"];
    let made = &heard[0].1;
    assert_eq!((&made["_id"], &made["slug"], &made["trashed"]), (&copy, &json!("bot2-1"), &json!(false)));
    assert!(fields.iter().all(|field| made.get(*field).is_none()), "{made}");
    let released = &heard[1].1;
    assert_eq!((&released["_id"], released.get("slug"), &released["trashed"]), (&copy, None, &json!(true)));
    assert_eq!((&released["root_id"], &released["release_note"]), (&json!(OTHER_BOT), &json!("r1")));
    assert!(fields.iter().all(|field| released.get(*field).is_some()), "{released}");
    assert_eq!(heard[2].1["_id"], OTHER_BOT);
}

#[tokio::test]
async fn setting_the_language_of_a_bot_emits_no_webhooks() {
    let app = App::new();
    listen(&app, &["faqBot.update"]).await;
    app.owner().put(&bots(&format!("/{OTHER_BOT}/language/it")), json!({})).await.json_of(200);
    app.owner().put(&bots(&format!("/{OTHER_BOT}")), json!({"description": "Last"})).await.json_of(200);
    let heard = heard(&app, 1).await;
    assert_eq!((heard.len(), &heard[0].1["description"]), (1, &json!("Last")));
}
