//! System messages of conversations.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{
    document::{Channel, Message},
    metadata::Metadata,
    post::post,
};
use crate::{
    resource::{
        lead::document::Lead,
        project::document::Project,
        request::{document::Request, index::RequestIndex},
        user::document::User,
    },
    state::Tx,
    value::{Id, JsonObject, Result, Text},
};

pub(crate) fn chat_closed(tx: &mut Tx, request: &Request) -> Result<()> {
    let attributes = json!({
        "subtype": "info/support",
        "updateconversation": false,
        "messagelabel": {"key": "CHAT_CLOSED"},
    });
    say(tx, request, "Chat closed".into(), attributes)
}

pub(crate) fn chat_reopened(tx: &mut Tx, request: &Request) -> Result<()> {
    let attributes = json!({
        "subtype": "info/support",
        "updateconversation": true,
        "messagelabel": {"key": "CHAT_REOPENED"},
    });
    say(tx, request, "Chat reopened".into(), attributes)
}

/// Maximum number of characters of the subject in a notification.
const SUBJECT: usize = 30;

/// Notifies newly assigned agents of the subject of a conversation, in its language.
pub(crate) fn touching_operator(tx: &mut Tx, request: &Request, agents: &[Id<User>]) -> Result<()> {
    let subject = request.subject.as_ref().filter(|subject| !subject.is_empty()).unwrap_or(&request.first_text);
    let subject: String = subject.chars().take(SUBJECT).collect();
    let attributes = json!({
        "subtype": "info",
        "updateconversation": true,
        "updateconversationfor": agents,
        "forcenotification": true,
        "messagelabel": {"key": "TOUCHING_OPERATOR"},
    });
    let words = assigned_to_you(request.language.as_deref().unwrap_or_default());
    say(tx, request, format!("{words}: {subject}").into(), attributes)
}

/// The API has this text in two languages.
fn assigned_to_you(language: &str) -> &'static str {
    match language.split(['-', '_']).next() {
        Some(language) if language.eq_ignore_ascii_case("it") => {
            "Una nuova richiesta di supporto è stata assegnata a te"
        }
        _ => "A new support request has been assigned to you",
    }
}

/// Sends the new name and email address of a lead to its widget, in the latest `chat21` conversation.
pub(crate) fn lead_updated(tx: &mut Tx, lead: &Lead) -> Result<()> {
    let term = Request::with(RequestIndex::Lead, lead.id_project, false, &lead.id.to_string());
    let chats = tx.state().tables.requests.last_with(term).map(|request| request.value());
    let chat = chats.filter(|request| &*request.channel.name == "chat21").map(Cow::into_owned).next();
    let Some(chat) = chat else { return Ok(()) };
    let attributes = json!({
        "subtype": "info",
        "updateconversation": false,
        "messagelabel": {"key": "LEAD_UPDATED"},
        "updateUserEmail": lead.email,
        "updateUserFullname": lead.fullname,
    });
    say(tx, &chat, "Lead updated".into(), attributes)
}

/// Notifies a visitor of a ban from the project.
pub(crate) fn user_banned(tx: &mut Tx, project: Id<Project>, banned: Text) -> Result<()> {
    let attributes = json!({"subtype": "info", "messagelabel": {"key": "USER_BANNED"}});
    let message = compose(tx, project, banned.clone(), "User Banned".into(), attributes);
    post(tx, Message { recipient_fullname: Some(banned), channel_type: "direct".into(), ..message }).map(drop)
}

fn say(tx: &mut Tx, request: &Request, text: Text, attributes: Value) -> Result<()> {
    let message = compose(tx, request.id_project, request.request_id.clone(), text, attributes);
    post(tx, Message { metadata: request.language.clone().map(Metadata::Language), ..message }).map(drop)
}

fn compose(tx: &mut Tx, project: Id<Project>, recipient: Text, text: Text, attributes: Value) -> Message {
    let attributes = match attributes {
        Value::Object(attributes) => Some(JsonObject(attributes)),
        _ => None,
    };
    Message {
        id: tx.new_id(),
        sender: "system".into(),
        sender_fullname: "Bot".into(),
        recipient,
        recipient_fullname: None,
        text: Some(text),
        kind: "text".into(),
        status: 0,
        metadata: None,
        attributes,
        language: None,
        channel_type: "group".into(),
        channel: Channel::default(),
        id_project: project,
        created_by: "system".into(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    }
}
