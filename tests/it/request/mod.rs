//! Conversations: states, effects on other resources, and lists.

mod answer;
mod concurrency;
mod effect;
mod filter;
mod list;
mod message;
mod model;
mod program;
mod snapshot;
mod state;
mod system;

use serde_json::{Value, json};

use crate::support::{Actor, PROJECT};

const OTHER_BOT_USER: &str = "bot_5ce265596438e40017e3610d";

/// A path below the requests of the project.
fn requests(rest: &str) -> String {
    format!("{PROJECT}/requests{rest}")
}

/// Opens a request with these participants; without any, it is assigned to a department without available agents.
async fn open(by: &Actor<'_>, request_id: &str, participants: &[&str]) -> Value {
    let mut body = json!({"request_id": request_id, "first_text": "Hello", "participants": participants});
    if participants.is_empty() {
        body["departmentid"] = pooled(by).await;
    }
    by.post(&requests(""), body).await.json_of(200)
}

/// The ID of a new department that does not assign its conversations.
async fn pooled(by: &Actor<'_>) -> Value {
    let body = json!({"name": "Pool", "routing": "pooled"});
    by.post(&format!("{PROJECT}/departments"), body).await.json_of(200)["_id"].clone()
}
