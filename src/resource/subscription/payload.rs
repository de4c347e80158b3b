//! Webhook payloads: the names and contents of events.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    render,
    resource::{
        chatbot::document::Bot,
        conversation::bot as conversation,
        event,
        message::{
            self,
            document::{Channel, Message},
        },
        project::{self, document::Project},
        request::{self, document::Request},
        team,
    },
    state::{
        State,
        event::{Event, EventName, Subject},
    },
    store::{Doc, Document, render},
    value::{Id, Text, Timestamp, suggest},
};

/// All names under which the event is delivered.
pub(crate) fn names(state: &State, event: &Event) -> Vec<Cow<'static, str>> {
    let mut names = vec![Cow::Borrowed(event.name.as_str())];
    match (&event.subject, event.name) {
        (Subject::Message(message), _) => {
            let message: Said = part(message);
            names.push(format!("message.create.channel.{}", &*message.channel.name).into());
            if let Some(request) = request_of(state, &message) {
                let Channelled { channel } = part(request);
                names.push(format!("message.create.request.channel.{}", &*channel.name).into());
            }
        }
        (Subject::Teammate(member), EventName::TeammateUpdate) if member.value().role.is_team() => {
            names.push("project_user.update.agent".into());
        }
        (Subject::Emitted(emitted), _) => names.push(format!("event.emit.{}", &*emitted.value().name).into()),
        // The documentation capitalizes these names, the reference server does not.
        (Subject::Bot(_), name) => names.push(name.as_str().to_lowercase().into()),
        _ => {}
    }
    names
}

/// Describes the error in an event name that is never emitted.
pub(crate) fn unknown_event(name: &str) -> Option<String> {
    const FAMILIES: [&str; 3] = ["event.emit.", "message.create.channel.", "message.create.request.channel."];
    let bots = EventName::ALL.iter().map(|event| event.as_str().to_lowercase());
    let mut known: Vec<_> = EventName::ALL.iter().map(|event| event.as_str().to_owned()).chain(bots).collect();
    known.push("project_user.update.agent".to_owned());
    let is_member = |family: &&str| name.strip_prefix(*family).is_some_and(|rest| !rest.is_empty());
    if known.iter().any(|known| known == name) || FAMILIES.iter().any(is_member) {
        return None;
    }
    Some(suggest::unknown("event", name, known.iter().map(String::as_str)))
}

/// Whether the event may have subscribers. Messages always may, because their event names require parsing them.
pub(crate) fn may_be_told(state: &State, event: &Event) -> bool {
    let is_told = |name: &Cow<'_, str>| state.subscribers(event.project, name).next().is_some();
    matches!(event.subject, Subject::Message(_)) || names(state, event).iter().any(is_told)
}

/// The event payload, with all references in their state at the time of the event.
pub(crate) fn payload(state: &State, event: &Event) -> Bytes {
    match &event.subject {
        Subject::Request(request) if event.name == EventName::RequestClose => with_messages(state, request),
        Subject::Request(request) => request::rules::show(state, request),
        Subject::Message(said) => match request_of(state, &part(said)) {
            None => said.to_json(),
            Some(request) => message::rules::payload(state, said, request),
        },
        Subject::Teammate(member) => team::payload::of(state, member, event.name),
        Subject::Project(project) => of_project(project, event.at),
        Subject::Lead(lead) => lead.to_json(),
        Subject::Department(department) => department.to_json(),
        Subject::Group(group) => group.to_json(),
        Subject::User(user) => user.to_json(),
        Subject::Emitted(emitted) => event::rules::show(state, emitted),
        Subject::Bot(bot) if event.name == EventName::BotUpdate => bot.to_json(),
        Subject::Bot(bot) => with_secret(bot),
        Subject::Faq(faq) => faq.to_json(),
    }
}

/// The bot that receives the message of the event: the one that serves its conversation, if it has an external URL.
pub(crate) fn bot(state: &State, event: &Event) -> Option<Arc<Doc<Bot>>> {
    let Subject::Message(doc) = &event.subject else { return None };
    let message: Said = part(doc);
    let request = request_of(state, &message)?;
    let bot = state.tables.bots.get(conversation::server(&request.kept().participants)?)?;
    bot.value().outside_url()?;
    let Worded { text } = part(doc);
    conversation::is_sent(bot.value().id, &message.sender, text.as_deref()).then(|| bot.clone())
}

/// The payload of a message for its bot: without the snapshot of the conversation.
pub(crate) fn for_bot(payload: &[u8]) -> Bytes {
    // JSON nested more deeply than the parser allows is sent unchanged.
    let Ok(mut whole) = serde_json::from_slice::<Value>(payload) else { return Bytes::copy_from_slice(payload) };
    if let Some(request) = whole.get_mut("request").and_then(Value::as_object_mut) {
        request.shift_remove("snapshot");
    }
    render(&whole).into()
}

/// The fields of a message that determine its subscribers. Parsing only these takes a fraction of the time.
#[derive(Deserialize)]
struct Said {
    id_project: Id<Project>,
    sender: Text,
    recipient: Text,
    channel: Channel,
}

/// The text of a message.
#[derive(Deserialize)]
struct Worded {
    text: Option<Text>,
}

/// The channel of a request.
#[derive(Deserialize)]
struct Channelled {
    channel: Channel,
}

fn part<T: Document, P: DeserializeOwned>(doc: &Doc<T>) -> P {
    serde_json::from_slice(doc.json()).expect("a stored document has all required fields")
}

fn request_of<'a>(state: &'a State, message: &Said) -> Option<&'a Arc<Doc<Request>>> {
    request::rules::find(state, message.id_project, &message.recipient)
}

/// The payload of a closed request includes all its messages.
fn with_messages(state: &State, doc: &Doc<Request>) -> Bytes {
    let request = doc.value();
    let messages = state.tables.messages.with(Message::of_request(request.id_project, &request.request_id));
    let mut whole = render::json::Object::new(&request::rules::show(state, doc), 1_000);
    whole.list("messages", messages.map(|message| message.json()));
    whole.end()
}

/// The payload of a created or deleted bot includes its secret; that of an update does not.
fn with_secret(doc: &Doc<Bot>) -> Bytes {
    let mut whole = render::json::Object::new(doc.json(), 60);
    if let Some(secret) = &doc.value().secret {
        whole.text("secret", secret.reveal());
    }
    whole.end()
}

/// The payload of a project names the project itself as its `id_project`.
fn of_project(doc: &Doc<Project>, now: Timestamp) -> Bytes {
    let mut whole = render::json::Object::new(&project::rules::show(doc, now), 60);
    whole.text("id_project", doc.value().id);
    whole.end()
}
