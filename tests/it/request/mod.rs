//! Conversations: their states, what they do to other resources, and how they are found.

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

/// The department that gives conversations to its agents in turn.
const SALES: &str = "5c34ba232c62730016da250e";
/// The department whose bot answers first.
const DEFAULT: &str = "5b55e806c93dde00143163df";
const BOT: &str = "bot_5be9b2ecc72a050015e14951";
const OTHER_BOT: &str = "bot_5ce265596438e40017e3610d";
const OWNER: &str = "5ab11c6b83dc240014d46095";
const ADMIN: &str = "5ab0f3fa57066e0014bfd71e";
const AGENT: &str = "5aaa99024c3b110014b478f0";
/// The agent as a member of the project.
const AGENT_MEMBER: &str = "5bb4d4d39214830015742b01";

/// A path below the requests of the project.
fn requests(rest: &str) -> String {
    format!("{PROJECT}/requests{rest}")
}

/// Opens a request that these participants serve; none gives it to a department without agents on duty.
async fn open(by: &Actor<'_>, request_id: &str, participants: &[&str]) -> Value {
    let mut body = json!({"request_id": request_id, "first_text": "Hello", "participants": participants});
    if participants.is_empty() {
        body["departmentid"] = pooled(by).await;
    }
    by.post(&requests(""), body).await.expect(200)
}

/// The identifier of a new department that gives its conversations to nobody.
async fn pooled(by: &Actor<'_>) -> Value {
    let body = json!({"name": "Pool", "routing": "pooled"});
    by.post(&format!("{PROJECT}/departments"), body).await.expect(200)["_id"].clone()
}
