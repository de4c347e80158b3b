//! What the system says in conversations.

use serde_json::{Value, json};

use super::{
    model::{Channel, Message},
    rules::store,
};
use crate::{
    resource::{lead::model::Lead, request::model::Request},
    world::{JsonObject, Result, Text, Tx},
};

pub(crate) fn chat_closed(tx: &mut Tx, request: &Request) -> Result<()> {
    let attributes = json!({
        "subtype": "info/support",
        "updateconversation": false,
        "messagelabel": {"key": "CHAT_CLOSED"},
    });
    say(tx, &request.request_id, "Chat closed".into(), attributes)
}

pub(crate) fn chat_reopened(tx: &mut Tx, request: &Request) -> Result<()> {
    let attributes = json!({
        "subtype": "info/support",
        "updateconversation": true,
        "messagelabel": {"key": "CHAT_REOPENED"},
    });
    say(tx, &request.request_id, "Chat reopened".into(), attributes)
}

/// Tells an agent who joins what the conversation is about.
pub(crate) fn touching_operator(tx: &mut Tx, request: &Request) -> Result<()> {
    let beginning: String = request.first_text.chars().take(30).collect();
    let attributes = json!({
        "subtype": "info",
        "updateconversation": false,
        "forcenotification": true,
        "messagelabel": {"key": "TOUCHING_OPERATOR"},
    });
    let text = format!("A new support request has been assigned to you: {beginning}");
    say(tx, &request.request_id, text.into(), attributes)
}

/// Tells the widget of a lead what it is called now, in the latest of its chats.
pub(crate) fn lead_updated(tx: &mut Tx, lead: &Lead) -> Result<()> {
    let term = Request::with("lead", lead.id_project, false, &lead.id.to_string());
    let chats = tx.state().tables.requests.last_with(term).map(|request| request.value());
    let chat = chats.filter(|request| &*request.channel.name == "chat21").map(|chat| chat.request_id.clone()).next();
    let Some(request_id) = chat else { return Ok(()) };
    let attributes = json!({
        "subtype": "info",
        "updateconversation": false,
        "messagelabel": {"key": "LEAD_UPDATED"},
        "updateUserEmail": lead.email,
        "updateUserFullname": lead.fullname,
    });
    say(tx, &request_id, "Lead updated".into(), attributes)
}

fn say(tx: &mut Tx, recipient: &Text, text: Text, attributes: Value) -> Result<()> {
    let attributes = match attributes {
        Value::Object(attributes) => Some(JsonObject(attributes)),
        _ => None,
    };
    let message = Message {
        id: tx.new_id(),
        sender: "system".into(),
        sender_fullname: "Bot".into(),
        recipient: recipient.clone(),
        recipient_fullname: None,
        text: Some(text),
        kind: "text".into(),
        status: 0,
        metadata: None,
        attributes,
        language: None,
        channel_type: "group".into(),
        channel: Channel::default(),
        id_project: tx.project(),
        created_by: "system".into(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    };
    store(tx, message).map(drop)
}
