//! Chatbots: their life, what they are asked, and what they say in conversations.

mod bot;
mod conversation;
mod engine;
mod faq;
mod starter;
mod transfer;

use serde_json::{Value, json};

use crate::support::{App, PROJECT};

/// The bot that greets, and the one that answers.
const FIRST: &str = "5be9b2ecc72a050015e14951";
const SECOND: &str = "5ce265596438e40017e3610d";
/// Another project of the owner.
const ELSEWHERE: &str = "5ab0f32757066e0014bfd718";

fn bots(rest: &str) -> String {
    format!("{PROJECT}/bots{rest}")
}

fn faqs(rest: &str) -> String {
    format!("{PROJECT}/faq{rest}")
}

fn id(document: &Value) -> String {
    document["_id"].as_str().expect("an id is a text").to_owned()
}

/// The values of a field in a list.
fn all<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|item| item[field].as_str().expect("a text")).collect()
}

/// The names of the intents of a bot.
async fn intents(app: &App, bot: &str) -> Vec<String> {
    let list = app.owner().get(&faqs(&format!("?id_faq_kb={bot}"))).await.expect(200);
    all(&list, "intent_display_name").into_iter().map(str::to_owned).collect()
}

/// The verbs of what was done to an object, oldest first.
async fn verbs(app: &App, target: &str) -> Vec<String> {
    let state = app.state().await;
    let activities = state["activities"].as_array().cloned().unwrap_or_default();
    let done = activities.into_iter().filter(|activity| activity["target"]["id"] == target);
    done.map(|activity| activity["verb"].as_str().expect("a verb").to_owned()).collect()
}

/// A bot without intents.
async fn empty_bot(app: &App, name: &str) -> String {
    id(&app.owner().post(&bots(""), json!({"name": name, "template": "empty"})).await.expect(200))
}
