//! Rules for messages, and their effects on conversations.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::post::post;
use crate::{
    identity::{Actor, authenticate},
    render,
    resource::{
        activity::rules::{self as activity, Assignment},
        conversation::{
            bot::{self as conversation, Command, Line},
            open::{self as opening, Conversation, Origin, Start},
            route,
        },
        department::{self, operator::Bots},
        event,
        message::{
            document::Message,
            metadata::Metadata,
            schema::{Content, NewDirectMessage, NewMessage},
        },
        request::{
            self,
            authority::{may_reach, may_speak_as},
            close::{self, Closing},
            document::Request,
            participant::document::Participant,
            rules::Departments,
        },
    },
    state::{State, Tx, event::EventName},
    store::{Doc, render},
    value::{
        Error, RawId, Result, Text, Timestamp,
        error::{ErrorBody, ErrorKind, Location, Violation},
        lenient::Required,
    },
};

const TEXT: &str = "text";

pub(super) fn list(state: &State, by: &Actor, request_id: &str) -> Result<Bytes> {
    may_reach(state, by, request_id)?;
    let messages = state.tables.messages.with(Message::of_request(by.project(), request_id));
    Ok(render::json::array(messages.map(|message| message.json())))
}

pub(super) fn get(state: &State, by: &Actor, request_id: &str, id: &RawId<Message>) -> Result<Arc<Doc<Message>>> {
    may_reach(state, by, request_id)?;
    let project = by.project();
    let message = state.find(Some(project), id).filter(|message| &*message.value().recipient == request_id);
    message.cloned().ok_or(Error::OBJECT_NOT_FOUND)
}

/// The message with its conversation in its current state.
pub(crate) fn show_in(state: &State, message: &Doc<Message>, request: &Doc<Request>) -> Bytes {
    show_with(state, message, request, Departments::Alone)
}

/// The payload of a message event: with the bot of the department, and without computed fields of the conversation.
pub(crate) fn payload(state: &State, message: &Doc<Message>, request: &Doc<Request>) -> Bytes {
    let whole = show_with(state, message, request, Departments::WithBot);
    // JSON nested more deeply than the parser allows is sent unchanged.
    let Ok(mut payload) = serde_json::from_slice::<Map<String, Value>>(&whole) else { return whole };
    if let Some(Value::Object(request)) = payload.get_mut("request") {
        request::rules::remove_all_computed(request);
    }
    render(&payload).into()
}

fn show_with(state: &State, message: &Doc<Message>, request: &Doc<Request>, departments: Departments) -> Bytes {
    let mut whole = render::json::Object::new(message.json(), 6_000);
    request::rules::embed(state, request, departments, &mut whole);
    whole.end()
}

/// Sends a message to a conversation. The first message opens it.
pub(crate) fn send(tx: &mut Tx, by: &Actor, request_id: &str, new: NewMessage) -> Result<Bytes> {
    may_reach(tx.state(), by, request_id)?;
    may_speak_as(tx.state(), by, new.content.sender.as_ref())?;
    let known = request::rules::find(tx.state(), tx.project(), request_id).cloned();
    let (message, request) = match &known {
        None => open(tx, by, request_id, new)?,
        Some(request) => answer(tx, by, request.value().into_owned(), new.content, Voice::Client)?,
    };
    // Rendered before the follow-up, because the response does not reflect what the bot says.
    let answer = show_in(tx.state(), &message, &request);
    follow_up(tx, by, &message, &request, known.as_ref().unwrap_or(&request))?;
    Ok(answer)
}

/// The consequences of a message: the built-in bot that serves the conversation replies, and commands are executed.
/// `before` is the conversation without the message.
fn follow_up(
    tx: &mut Tx,
    by: &Actor,
    message: &Doc<Message>,
    request: &Doc<Request>,
    before: &Doc<Request>,
) -> Result<()> {
    let Some(turn) = conversation::turn(tx.state(), message, request, before) else {
        return obey(tx, by, message);
    };
    if let Some(attributes) = turn.not_found {
        event::rules::raise(tx, conversation::NOT_FOUND, attributes)?;
    }
    let request_id = message.value().recipient.clone();
    let mut said = Vec::new();
    for Line { text, kind, metadata, attributes } in turn.lines {
        let request = request::rules::load(tx, &request_id)?;
        let content = Content {
            text,
            kind,
            metadata,
            attributes: Some(attributes),
            language: None,
            sender: Some(turn.sender.clone()),
            sender_fullname: Some(turn.name.clone()),
            status: None,
            channel: None,
        };
        said.push(answer(tx, by, request, content, Voice::BuiltIn)?.0);
    }
    said.iter().try_for_each(|message| obey(tx, by, message))
}

/// Executes the command in a message.
fn obey(tx: &mut Tx, by: &Actor, message: &Doc<Message>) -> Result<()> {
    let message = message.value();
    match message.text.as_deref().and_then(conversation::command) {
        Some(Command::Agent) => {
            let request = request::rules::load(tx, &message.recipient)?;
            if !request.has_bot || request.status == Request::CLOSED {
                return Ok(());
            }
            route::hand_over(tx, by, &request.request_id).map(drop)
        }
        Some(Command::Close) => {
            let closing = Closing { force: None };
            close::close_as_guest(tx, by, &message.recipient, &closing).map(drop)
        }
        None => Ok(()),
    }
}

/// The kind of sender of a message to an open conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Voice {
    /// A client, on behalf of any sender.
    Client,
    /// The built-in bot.
    BuiltIn,
}

type Sent = (Arc<Doc<Message>>, Arc<Doc<Request>>);

fn open(tx: &mut Tx, by: &Actor, request_id: &str, new: NewMessage) -> Result<Sent> {
    let content = new.content;
    if needs_text(&content) {
        return Err(Error::new(ErrorKind::Invalid, ErrorBody::Texts(&["text field is required"])));
    }
    let author = opening::author(tx.state(), by, content.sender.as_ref())?;
    let author = author.named(content.sender_fullname.clone(), new.opening.email.clone());
    let (id, fullname) = (author.identity.id.clone(), author.identity.fullname.clone());
    let temporary = new.request_status.as_ref().is_some_and(|status| status.get() == 50);
    let start = match (temporary, new.preflight == Some(true)) {
        (false, false) => Start::Open,
        (false, true) => Start::Preflight,
        (true, false) => Start::Temporary,
        (true, true) => Start::TemporaryPreflight,
    };
    let conversation = Conversation {
        request_id: Some(request_id.into()),
        first_text: shown_text(&content),
        requester: author.member.id,
        author,
        origin: Origin::Message,
        language: content.language.clone(),
        attributes: content.attributes.clone(),
        channel: content.channel.clone(),
        start,
        opening: new.opening,
    };
    let request = opening::open(tx, by, conversation)?;
    let message = compose(tx, content, id, fullname, request_id.into());
    let message = post(tx, Message { created_by: by.id(), ..message })?;
    Ok((message, request))
}

/// Whether this is a text message without text.
fn needs_text(content: &Content) -> bool {
    content.kind.as_deref().is_none_or(|kind| kind == TEXT) && content.text.as_ref().is_none_or(|text| text.is_empty())
}

/// The opening text of a conversation that this message opens.
fn shown_text(content: &Content) -> Text {
    match (content.kind.as_deref(), &content.text) {
        (_, Some(text)) if !text.is_empty() => text.clone(),
        (Some("image"), _) => "Image".into(),
        (Some("frame"), _) => "Frame".into(),
        _ => Text::default(),
    }
}

/// Adds a message to an open conversation.
fn answer(tx: &mut Tx, by: &Actor, mut request: Request, content: Content, voice: Voice) -> Result<Sent> {
    if content.sender.is_none()
        && &*request.channel.name == "form"
        && request.participants_agents.first() != by.user().as_ref()
    {
        let words =
            ErrorBody::message("Error creating message".into()).with("err", "You don't belong the conversation");
        let rule = "On the channel `form`, only the first agent can reply unless the body names a `sender`.";
        return Err(Error::forbidden(words).because(rule));
    }
    let identity = authenticate::identity(tx.state(), &by.caller);
    let sender = content.sender.clone().unwrap_or(identity.id);
    let fullname = content.sender_fullname.clone().or(identity.fullname);
    let text = shown_text(&content);
    let message = compose(tx, content, sender.clone(), fullname, request.request_id.clone());
    let message = post(tx, message)?;
    let is_lead = is_lead(tx.state(), &request, &sender);
    let mut told = note_times(tx, &mut request, &sender);
    if is_lead && request.working_status.as_deref() == Some("pending") {
        request.working_status = Some("open".into());
        told = true;
    }
    let begins = is_lead && request.preflight && text != request.first_text;
    if begins {
        request.preflight = false;
        request.first_text = text;
        told = true;
        activity::request_created(tx, &request)?;
    }
    if voice == Voice::Client {
        remember(&mut request, &message);
    }
    let mut doc = tx.put(request.clone())?;
    if begins && request.status == Request::TEMPORARY && !request.has_bot {
        let department = request.department.map(|id| id.to_string());
        let department = department::rules::named(tx.state(), tx.project(), "departmentid", department.as_deref())?;
        let way = (Bots::First, Assignment::Automatic);
        doc = route::give(tx, by, doc.value().into_owned(), department, way)?;
    } else if told {
        tx.emit(EventName::RequestUpdate, &doc);
    }
    Ok((message, doc))
}

/// Whether the sender is the visitor of the conversation.
fn is_lead(state: &State, request: &Request, sender: &Text) -> bool {
    let lead = request.lead.and_then(|lead| state.tables.leads.get(lead));
    lead.is_some_and(|lead| lead.value().lead_id == *sender)
}

/// Records the first response of a participant and the visitor's waiting time for an agent. Returns whether either is
/// new.
//
// Departs: The caller is the sender of a message that names none, for the waiting time as well; the reference server
// sets the waiting time only if the body names the sender.
fn note_times(tx: &Tx, request: &mut Request, sender: &Text) -> bool {
    // A bot that calls with its own token is identified without the `bot_` prefix.
    let bot = |who: &Participant| who.bot().is_some_and(|bot| bot.to_string() == **sender);
    let Some(who) = request.participants.iter().find(|who| who.to_string() == **sender || bot(who)) else {
        return false;
    };
    let waited_for = who.agent().is_some() && request.waiting_time.is_none();
    // Departs: `first_response_at` keeps its first value; the reference server overwrites it after each assignment.
    let responds = request.first_response_at.is_none();
    if responds {
        request.first_response_at = Some(tx.now());
    }
    // Departs: The waiting time runs from the visitor's first message to the first message from an agent who is not a
    // bot; the reference server counts from the creation to the first message of any participant, and again after each
    // assignment.
    let since = if waited_for { waiting_since(tx.state(), request) } else { None };
    if let Some(since) = since {
        request.waiting_time = Some(tx.now().milliseconds() - since.milliseconds());
    }
    responds || since.is_some()
}

/// When the visitor first wrote. A visitor who has not written yet is not waiting, unless the request was created
/// without messages.
fn waiting_since(state: &State, request: &Request) -> Option<Timestamp> {
    let messages = || state.tables.messages.with(Message::of_request(request.id_project, &request.request_id));
    let lead = request.lead.and_then(|lead| state.tables.leads.get(lead)).map(|lead| lead.value().lead_id.clone());
    let written = || messages().map(|message| message.value()).filter(|message| lead.as_ref() == Some(&message.sender));
    // An event that opened the page is not a message of the visitor; the first message is the one whose text the
    // request has.
    let first =
        written().find(|message| message.text.as_ref() == Some(&request.first_text)).or_else(|| written().next());
    match first {
        _ if request.preflight => None,
        Some(first) => Some(first.created_at),
        None => Some(request.created_at),
    }
}

/// Stores the message as the last one of its conversation, without emitting an event.
fn remember(request: &mut Request, message: &Doc<Message>) {
    let last: Value = serde_json::from_slice(message.json()).unwrap_or_default();
    request.attributes.get_or_insert_default().0.insert("last_message".into(), last);
}

/// Imports messages as given, all or none.
pub(super) fn insert(tx: &mut Tx, by: &Actor, request_id: &str, all: Vec<Content>) -> Result<Bytes> {
    if request::rules::find(tx.state(), tx.project(), request_id).is_none() {
        return Err(Error::not_found(ErrorBody::msg("Request doesn't exist.".into()).with("err", Value::Null)));
    }
    may_reach(tx.state(), by, request_id)?;
    all.iter().try_for_each(|content| may_speak_as(tx.state(), by, content.sender.as_ref()))?;
    let inserted = all.into_iter().map(|content| {
        let identity = authenticate::identity(tx.state(), &by.caller);
        let sender = content.sender.clone().unwrap_or(identity.id);
        // As in the API, the default is the caller's name even for another sender.
        let fullname = content.sender_fullname.clone().or(identity.fullname);
        let message = compose(tx, content, sender, fullname, request_id.into());
        post(tx, message).map(|message| message.to_json())
    });
    inserted.collect::<Result<Vec<_>>>().map(|messages| render::json::array(&messages))
}

pub(super) fn send_direct(tx: &mut Tx, by: &Actor, new: NewDirectMessage) -> Result<Arc<Doc<Message>>> {
    let content = new.content;
    let (Some(recipient), Some(recipient_fullname), false) =
        (new.recipient.given().cloned(), new.recipient_fullname.given().cloned(), needs_text(&content))
    else {
        return Err(unaddressed(&new.recipient, &new.recipient_fullname, &content));
    };
    let identity = authenticate::identity(tx.state(), &by.caller);
    let sender = content.sender.clone().unwrap_or(identity.id);
    let fullname = content.sender_fullname.clone().or(identity.fullname);
    let message = compose(tx, content, sender, fullname, recipient);
    post(
        tx,
        Message {
            recipient_fullname: Some(recipient_fullname),
            channel_type: new.channel_type.unwrap_or_else(|| "direct".into()),
            created_by: by.id(),
            ..message
        },
    )
}

/// Lists everything that a direct message lacks.
fn unaddressed(recipient: &Required<Text>, fullname: &Required<Text>, content: &Content) -> Error {
    let violation = |field: &str, value: Option<&Text>, msg: Option<&'static str>| Violation {
        value: value.map(|value| json!(value)),
        field: field.into(),
        location: Location::Body,
        reason: msg.map(Into::into),
        msg,
    };
    let lacking = [("recipient", recipient), ("recipientFullname", fullname)];
    let lacking = lacking.into_iter().filter(|(_, value)| value.given().is_none());
    let mut all: Vec<_> = lacking.map(|(field, value)| violation(field, value.0.as_ref(), None)).collect();
    if needs_text(content) {
        let msg = "Text field is required for messages with type \"text\"";
        all.push(violation(TEXT, content.text.as_ref(), Some(msg)));
    }
    Error::new(ErrorKind::Invalid, ErrorBody::Fields(all))
}

fn compose(tx: &mut Tx, content: Content, sender: Text, fullname: Option<Text>, recipient: Text) -> Message {
    Message {
        id: tx.new_id(),
        created_by: sender.clone(),
        sender,
        sender_fullname: fullname.unwrap_or_else(|| "Guest".into()),
        recipient,
        recipient_fullname: None,
        text: content.text,
        kind: content.kind.unwrap_or_else(|| TEXT.into()),
        status: content.status.unwrap_or_default(),
        metadata: content.metadata.map(Metadata::Data),
        attributes: content.attributes,
        language: content.language,
        channel_type: "group".into(),
        channel: content.channel.unwrap_or_default(),
        id_project: tx.project(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    }
}
