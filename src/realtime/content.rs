//! Contents of topics: the first frame shows the current state, later ones the changes.

use std::{cmp::Reverse, sync::Arc};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{
    frame::Method,
    topic::{Target, Topic},
    visibility::Visibility,
};
use crate::{
    render,
    resource::{
        chatbot::document::Bot,
        event,
        message::document::Message,
        project::document::Project,
        request::{self, document::Request},
        team::{self, document::Teammate},
        user::document::User,
    },
    state::{
        Hole, State,
        event::{Event, EventName, Subject},
    },
    store::{Direction, Doc, Order, Query, render},
    value::{Id, Timestamp},
};

/// Maximum number of requests in a first frame.
const REQUESTS: usize = 100;

/// Maximum number of messages in a first frame.
const MESSAGES: usize = 300;

/// Maximum number of events in a first frame.
const EVENTS: usize = 20;

/// Whether a member with this visibility may read a topic.
pub(super) fn is_readable(state: &State, topic: &Topic<'_>, by: Id<User>, sight: Visibility) -> bool {
    let (project, members) = (topic.project, &state.tables.project_users);
    let is_outside = matches!(sight, Visibility::Own(_)) && !state.allows(Hole::OthersConversations);
    match topic.place {
        // Members outside the team can read what they serve themselves.
        Target::Requests | Target::Bot(_) | Target::Beneath if is_outside => false,
        Target::Request(id) if is_outside => {
            request::rules::find(state, project, id).is_none_or(|request| sight.sees(request))
        }
        Target::TeammateOfUser(user) if is_outside => Id::parse(user) == Some(by),
        // Requests can be subscribed to before they exist, and regardless of their visibility.
        Target::Requests | Target::Request(_) | Target::Bot(_) | Target::Beneath => true,
        Target::Messages(id) => request::rules::find(state, project, id).is_some_and(|request| sight.sees(request)),
        Target::Teammate(id) => {
            let member = Id::parse(id).and_then(|id| members.get(id)).map(|member| member.value());
            let is_there =
                |member: &Teammate| member.id_project == project && member.is_active() && member.role.is_team();
            member.is_some_and(|member| is_there(&member) && member.id_user == Some(by))
        }
        Target::TeammateOfUser(user) => {
            Id::parse(user).is_some_and(|user| members.find(Teammate::of_user(project, user)).is_some())
        }
        Target::Events(member, _) => {
            let member = Id::parse(member).and_then(|id| members.get(id));
            member.is_some_and(|member| member.value().id_project == project)
        }
    }
}

/// The contents of the first frame of a readable topic. A wildcard has none.
pub(super) fn first(state: &State, topic: &Topic<'_>, (sight, now): (Visibility, Timestamp)) -> Option<Bytes> {
    let project = topic.project;
    let find = |id| request::rules::find(state, project, id);
    match topic.place {
        Target::Requests => Some(requests(state, project, sight)),
        Target::Request(id) => Some(match find(id).filter(|request| sight.sees(request)) {
            Some(request) => request::rules::show(state, request),
            None => Bytes::from_static(b"null"),
        }),
        Target::Messages(id) => {
            let messages = state.tables.messages.with(Message::of_request(project, id)).take(MESSAGES);
            Some(render::json::array(messages.map(|message| message.json())))
        }
        Target::Teammate(id) => {
            let member = state.tables.project_users.get(Id::parse(id)?)?;
            Some(team::rules::show_plain(state, member))
        }
        Target::TeammateOfUser(user) => {
            let member = state.tables.project_users.find(Teammate::of_user(project, Id::parse(user)?))?;
            Some(team::rules::show_plain(state, member))
        }
        Target::Bot(id) => {
            let bot = Id::<Bot>::parse(id).and_then(|id| state.tables.bots.get(id));
            let bot = bot.filter(|bot| bot.value().id_project == project);
            Some(bot.map_or_else(|| Bytes::from_static(b"null"), |bot| bot.to_json()))
        }
        Target::Events(member, name) => {
            Some(render::json::array(event::rules::latest(state, project, Id::parse(member)?, name, (now, EVENTS))))
        }
        Target::Beneath => None,
    }
}

/// The visible open requests, most recently changed first.
fn requests(state: &State, project: Id<Project>, sight: Visibility) -> Bytes {
    let statuses = [Request::UNSERVED, Request::SERVED].map(|status| Request::of_status(project, status));
    let all = [Some(statuses.to_vec()), sight.term(project).map(|term| vec![term])].into_iter().flatten().collect();
    let order = Order::Default(Direction::Descending);
    let query = Query { all, also: Vec::new(), only: None, range: 0..i64::MAX, order, skip: 0, limit: usize::MAX };
    let mut open = state.tables.requests.list(&query).docs;
    open.sort_by_key(|request| Reverse(request.kept().updated_at));
    let shown = open.iter().filter_map(|request| listed(state, request)).take(REQUESTS);
    render::json::array(shown)
}

/// A request as shown in lists: with the lead embedded and other references as IDs. `None` for a draft.
fn listed(state: &State, doc: &Doc<Request>) -> Option<Bytes> {
    let mut request: Map<String, Value> = parsed(&doc.stored());
    if request.get("draft") == Some(&Value::Bool(true)) {
        return None;
    }
    request.shift_remove("chatbotParameters");
    let agents = request.shift_remove("agents").unwrap_or_default();
    request.entry("snapshot").or_insert_with(|| json!({}))["agents"] = users(agents.as_array().into_iter().flatten());
    request.entry("requester_id").or_insert(Value::Null);
    if let Some(lead) = doc.kept().lead.and_then(|lead| state.tables.leads.get(lead)) {
        request.insert("lead".into(), Value::Object(parsed(lead.json())));
    }
    Some(render(&request).into())
}

fn parsed(document: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(document).expect("documents are rendered objects")
}

fn users<T: serde::Serialize>(ids: impl Iterator<Item = T>) -> Value {
    ids.map(|id| json!({"id_user": id})).collect()
}

/// The topics that an event is published to.
pub(super) fn topics(state: &State, event: &Event) -> Vec<String> {
    let Some(project) = event.project else { return Vec::new() };
    match (&event.subject, event.name) {
        (Subject::Request(doc), EventName::RequestCreate | EventName::RequestUpdate) => {
            let request = doc.value();
            let created = event.name == EventName::RequestCreate;
            if request.preflight || (!created && request.status <= Request::TEMPORARY) {
                return Vec::new();
            }
            let listed = (created || request.draft != Some(true)).then(|| format!("/{project}/requests"));
            let own = format!("/{project}/requests/{}", request.request_id);
            listed.into_iter().chain([own]).collect()
        }
        (Subject::Message(message), _) => match request_of(state, &message.value()) {
            Some(_) => vec![format!("/{project}/requests/{}/messages", message.value().recipient)],
            None => Vec::new(),
        },
        (Subject::Teammate(member), EventName::TeammateUpdate) => {
            let member = member.value();
            let of_user = member.id_user.map(|user| format!("/{project}/project_users/users/{user}"));
            [format!("/{project}/project_users/{}", member.id)].into_iter().chain(of_user).collect()
        }
        (Subject::Emitted(emitted), _) => {
            let member = emitted.value().project_user;
            member.map(|member| format!("/{project}/events/{member}")).into_iter().collect()
        }
        (Subject::Bot(bot), EventName::BotUpdate) => vec![format!("/{project}/bots/{}", bot.value().id)],
        _ => Vec::new(),
    }
}

/// The update of an unserved conversation whose last message this event is, unless the commit publishes one anyway.
//
// Departs: A message in an unserved conversation is also published as an update of the conversation; the reference
// server publishes only the message.
pub(super) fn update(state: &State, commit: &[Event], event: &Event) -> Option<Event> {
    let Subject::Message(message) = &event.subject else { return None };
    let message = message.value();
    let doc = request_of(state, &message).filter(|doc| doc.kept().participants.is_empty())?;
    let request = doc.value();
    let last =
        request.attributes.as_ref().and_then(|attributes| attributes.0.get("last_message")?.get("_id")?.as_str());
    let published = |event: &Event| matches!(&event.subject, Subject::Request(other) if other.value().id == request.id);
    let changed = request.status == Request::UNSERVED
        && last == Some(message.id.to_string().as_str())
        && !commit.iter().any(published);
    changed.then(|| Event { name: EventName::RequestUpdate, subject: Subject::Request(doc.clone()), ..event.clone() })
}

pub(super) fn method(event: &Event) -> Method {
    match event.name {
        EventName::RequestCreate | EventName::MessageCreate | EventName::EventEmit => Method::Create,
        _ => Method::Update,
    }
}

/// The published contents of an event. References are resolved as of the event.
pub(super) fn message(state: &State, event: &Event) -> Bytes {
    match &event.subject {
        Subject::Request(doc) if method(event) == Method::Update => {
            let mut request = parsed(&request::rules::show(state, doc));
            let agents = users(doc.value().agents.iter());
            request.insert("snapshot".into(), json!({"agents": agents}));
            request::rules::remove_computed(&mut request);
            render(&request).into()
        }
        Subject::Request(doc) => request::rules::show(state, doc),
        Subject::Message(message) => message.to_json(),
        Subject::Teammate(member) => team::payload::of(state, member, event.name),
        Subject::Emitted(emitted) => event::rules::show(state, emitted),
        Subject::Bot(bot) => bot.to_json(),
        _ => Bytes::from_static(b"null"),
    }
}

/// The request that an event concerns.
pub(super) fn request<'a>(state: &'a State, event: &'a Event) -> Option<&'a Arc<Doc<Request>>> {
    match &event.subject {
        Subject::Request(request) => Some(request),
        Subject::Message(message) => request_of(state, &message.value()),
        _ => None,
    }
}

fn request_of<'a>(state: &'a State, message: &Message) -> Option<&'a Arc<Doc<Request>>> {
    request::rules::find(state, message.id_project, &message.recipient)
}
