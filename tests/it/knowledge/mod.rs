//! Knowledge bases beyond the documented exchanges.

mod content;
mod namespace;
mod question;
mod upload;

use serde_json::{Value, json};
use tiledesk_mock::ClockSetting;

use crate::support::{App, NOON, PROJECT};

/// The project of the documented knowledge bases. Its default knowledge base has the same ID.
const KNOWLEDGE: &str = "63ad512e70d5ed0012ad6286";
const SALES: &str = "66755b6b9fee7f001357bc7f";
const HELP: &str = "66a897133eaa7f0013632c5b";

/// A path below `/kb` of the documented project.
fn kb(suffix: &str) -> String {
    format!("/v3/{KNOWLEDGE}/kb{suffix}")
}

fn error(text: impl Into<String>) -> Value {
    json!({"success": false, "error": text.into()})
}

/// The same world `milliseconds` after noon, with a different seed for new IDs.
async fn later(app: &App, milliseconds: i64) -> App {
    let later = App::with(|config| {
        config.clock = ClockSetting::Frozen(NOON + milliseconds);
        config.seed = milliseconds.unsigned_abs();
    });
    let state = app.nobody().get("/_control/state").await.json_of(200);
    later.nobody().put("/_control/state", state).await.json_of(200);
    later
}

/// Changes the plan of the documented project.
async fn plan(app: &App, key: &str, value: Value) {
    let mut state = app.nobody().get("/_control/state").await.json_of(200);
    let projects = state["projects"].as_array_mut().expect("projects").iter_mut();
    for project in projects.filter(|project| project["_id"] == KNOWLEDGE) {
        project["profile"][key] = value.clone();
    }
    app.nobody().put("/_control/state", state).await.json_of(200);
}

/// Adds a text to a knowledge base.
async fn add(app: &App, namespace: &str, name: &str, content: &str) -> Value {
    let body = json!({"type": "text", "name": name, "source": name, "content": content, "namespace": namespace});
    app.owner().post(&kb(""), body).await.json_of(200)["value"].clone()
}

/// Verb, type, and ID of each activity in the world.
async fn activities(app: &App) -> Vec<[String; 3]> {
    let state = app.state().await;
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let activities = state["activities"].as_array().cloned().unwrap_or_default();
    let of_knowledge = |done: &&Value| text(&done["verb"]).starts_with("KB_");
    activities
        .iter()
        .filter(of_knowledge)
        .map(|done| [text(&done["verb"]), text(&done["target"]["type"]), text(&done["target"]["id"])])
        .collect()
}

/// Creates the default knowledge base of the main project.
async fn make_other(app: &App) {
    app.owner().get(&format!("{PROJECT}/kb/namespace/all")).await.json_of(200);
}
