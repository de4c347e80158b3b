//! Chatbots: lifecycle, questions, and messages in conversations.

mod bot;
mod conversation;
mod engine;
mod faq;
mod starter;
mod transfer;

use serde_json::{Value, json};

use crate::support::{App, PROJECT};

fn bots(rest: &str) -> String {
    format!("{PROJECT}/bots{rest}")
}

fn faqs(rest: &str) -> String {
    format!("{PROJECT}/faq{rest}")
}

fn id(document: &Value) -> String {
    document["_id"].as_str().expect("the id is a string").to_owned()
}

/// The values of a field in a list.
fn all<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|item| item[field].as_str().expect("a string")).collect()
}

/// The names of a bot's intents.
async fn intents(app: &App, bot: &str) -> Vec<String> {
    let list = app.owner().get(&faqs(&format!("?id_faq_kb={bot}"))).await.json_of(200);
    all(&list, "intent_display_name").into_iter().map(str::to_owned).collect()
}

/// The verbs of an object's activities, oldest first.
async fn verbs(app: &App, target: &str) -> Vec<String> {
    let state = app.state().await;
    let activities = state["activities"].as_array().cloned().unwrap_or_default();
    let done = activities.into_iter().filter(|activity| activity["target"]["id"] == target);
    done.map(|activity| activity["verb"].as_str().expect("a verb").to_owned()).collect()
}

/// Creates a bot without intents.
async fn empty_bot(app: &App, name: &str) -> String {
    id(&app.owner().post(&bots(""), json!({"name": name, "template": "empty"})).await.json_of(200))
}
