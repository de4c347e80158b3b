//! Rules for requests: lookup, rendering, changes, rating, and deletion.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{
    document::Request,
    participant::document::Participant,
    schema::{Rating, RequestPatch},
};
use crate::{
    identity::{Actor, Principal},
    render,
    resource::{
        chatbot::document::Bot,
        department::document::Department,
        entity::Entity,
        lead::document::Lead,
        message::document::Message,
        project::document::Project,
        team::{self, document::Teammate},
        user::document::User,
    },
    state::{State, Tx, event::EventName},
    store::{CachedLookup, Doc},
    value::{
        Decimal, Error, Id, JsonObject, RawId, Result,
        error::{ErrorBody, ErrorKind, Location, Violation},
        patch::overwrite,
    },
};

/// Removes duplicates from a list. Fails at the first element that does not exist, naming its position.
pub(super) fn each_known<T: Copy + PartialEq>(
    field: &str,
    all: Vec<T>,
    exists: impl Fn(T) -> bool,
    unknown: impl Fn(&str, T) -> Error,
) -> Result<Vec<T>> {
    let mut known = Vec::new();
    for (at, one) in all.into_iter().enumerate() {
        if !exists(one) {
            let field = if field.is_empty() { at.to_string() } else { format!("{field}.{at}") };
            return Err(unknown(&field, one));
        }
        if !known.contains(&one) {
            known.push(one);
        }
    }
    Ok(known)
}

/// The request with its references in their current state.
pub(crate) fn show(state: &State, doc: &Doc<Request>) -> Bytes {
    let mut whole = render::json::Object::new(doc.json(), 3_000);
    References::new(state, Departments::Alone).populate(doc, &mut whole);
    whole.end()
}

/// Embeds the request with its references into an object as `request`.
pub(crate) fn embed(state: &State, doc: &Doc<Request>, departments: Departments, into: &mut render::json::Object) {
    into.object("request", doc.json(), |whole| References::new(state, departments).populate(doc, whole));
}

/// References of requests.
pub(super) struct References<'a> {
    departments: CachedLookup<'a, Department>,
    leads: CachedLookup<'a, Lead>,
    requesters: CachedLookup<'a, Teammate>,
    /// Users behind the requesters.
    users: CachedLookup<'a, User>,
    agents: CachedLookup<'a, User>,
    bots: CachedLookup<'a, Bot>,
    departments_show: Departments,
}

/// The form of a request's department.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Departments {
    /// As shown by the operations on departments.
    Alone,
    /// With its bot.
    WithBot,
}

impl<'a> References<'a> {
    pub(super) fn new(state: &'a State, departments_show: Departments) -> Self {
        let tables = &state.tables;
        Self {
            departments_show,
            departments: CachedLookup::new(&tables.departments),
            leads: CachedLookup::new(&tables.leads),
            requesters: CachedLookup::new(&tables.project_users),
            users: CachedLookup::new(&tables.users),
            agents: CachedLookup::new(&tables.users),
            bots: CachedLookup::new(&tables.bots),
        }
    }

    /// Adds the references of a request.
    pub(super) fn populate(&mut self, doc: &Doc<Request>, whole: &mut render::json::Object) {
        let links = doc.kept();
        if let Some(department) = links.department.and_then(|id| self.departments.get(id)) {
            let bot = match self.departments_show {
                Departments::Alone => None,
                Departments::WithBot => department.value().id_bot.value().and_then(|bot| self.bots.get(*bot)),
            };
            whole.object("department", department.json(), |department| {
                if let Some(bot) = bot {
                    department.field("bot", bot.json());
                }
            });
        }
        if let Some(lead) = links.lead.and_then(|id| self.leads.get(id)) {
            whole.field("lead", lead.json());
        }
        if let Some(requester) = links.requester.and_then(|id| self.requesters.get(id)) {
            whole.object("requester", requester.json(), |member| {
                team::rules::populate(&mut self.users, requester, member);
            });
        }
        let agents = links.participants.iter().filter_map(Participant::agent).filter_map(|user| self.agents.get(user));
        let bots = links.participants.iter().filter_map(Participant::bot).filter_map(|bot| self.bots.get(bot));
        whole.list("participatingAgents", agents.map(|user| user.json()));
        whole.list("participatingBots", bots.map(|bot| bot.json()));
    }
}

/// The request with the identifiers of its references.
pub(crate) fn show_plain(doc: &Doc<Request>) -> Bytes {
    plain(doc).end()
}

/// The request with its bots and the identifiers of its references, as returned on creation.
pub(super) fn show_new(state: &State, doc: &Doc<Request>) -> Bytes {
    let mut whole = plain(doc);
    let bots = doc.kept().participants.iter().filter_map(Participant::bot);
    let bots = bots.filter_map(|bot| state.tables.bots.get(bot));
    whole.list("participatingBots", bots.map(|bot| bot.json()));
    whole.end()
}

fn plain(doc: &Doc<Request>) -> render::json::Object {
    let mut whole = render::json::Object::new(doc.json(), 120);
    refer(doc, &mut whole);
    whole
}

/// Adds the identifiers of the references of a request.
pub(super) fn refer(doc: &Doc<Request>, whole: &mut render::json::Object) {
    let links = doc.kept();
    if let Some(department) = links.department {
        whole.text("department", department);
    }
    if let Some(lead) = links.lead {
        whole.text("lead", lead);
    }
    if let Some(requester) = links.requester {
        whole.text("requester", requester);
    }
}

/// Removes the computed fields of documents embedded in a rendered request. As on the reference server, payloads of
/// message events, realtime updates, and activities omit them.
pub(crate) fn remove_computed(request: &mut Map<String, Value>) {
    for (field, computed) in [("department", "hasBot"), ("requester", "isAuthenticated")] {
        if let Some(Value::Object(document)) = request.get_mut(field) {
            document.shift_remove("id");
            document.shift_remove(computed);
        }
    }
}

/// Removes all computed fields of a request, including those of its snapshot.
pub(crate) fn remove_all_computed(request: &mut Map<String, Value>) {
    request.shift_remove("id");
    request.shift_remove("requester_id");
    remove_computed(request);
    if let Some(Value::Object(snapshot)) = request.get_mut("snapshot") {
        remove_computed(snapshot);
    }
}

/// The request as stored in activities: with the identifiers of its references, without the agents who could serve it.
pub(crate) fn copy(request: &Request) -> JsonObject {
    let mut request = request.clone();
    request.snapshot.agents = None;
    let Ok(Value::Object(mut copy)) = serde_json::to_value(request) else { return JsonObject::default() };
    for hidden in ["agents", "chatbotParameters"] {
        copy.shift_remove(hidden);
    }
    remove_all_computed(&mut copy);
    JsonObject(copy)
}

/// The request of a project with a `request_id`.
pub(crate) fn find<'a>(state: &'a State, project: Id<Project>, request_id: &str) -> Option<&'a Arc<Doc<Request>>> {
    let found = state.tables.requests.find(Request::by_request_id(request_id));
    found.filter(|request| request.kept().project == project)
}

pub(super) fn get(state: &State, project: Id<Project>, request_id: &str) -> Result<Bytes> {
    find(state, project, request_id).map(|request| show(state, request)).ok_or(Error::OBJECT_NOT_FOUND)
}

/// A copy of the request, to change and save.
pub(crate) fn load(tx: &Tx, request_id: &str) -> Result<Request> {
    let request = find(tx.state(), tx.project(), request_id);
    request.map(|request| request.value().into_owned()).ok_or(Error::OBJECT_NOT_FOUND)
}

/// Like [`load`], with the message that some operations return for a missing request.
pub(crate) fn load_or(tx: &Tx, request_id: &str, words: ErrorBody) -> Result<Request> {
    load(tx, request_id).map_err(|_| Error::not_found(words))
}

/// The stored request, for calls that change nothing.
pub(crate) fn unchanged(tx: &Tx, request: &Request) -> Result<Arc<Doc<Request>>> {
    tx.state().tables.requests.get(request.id).cloned().ok_or(Error::OBJECT_NOT_FOUND)
}

/// Emits `request.update` for a request that a call leaves unchanged.
pub(crate) fn republish(tx: &mut Tx, request: &Request) -> Result<Arc<Doc<Request>>> {
    let request = unchanged(tx, request)?;
    tx.emit(EventName::RequestUpdate, &request);
    Ok(request)
}

/// Saves a changed request, emits `request.update`, and recounts the requests of its participants.
pub(crate) fn save(tx: &mut Tx, mut request: Request) -> Result<Arc<Doc<Request>>> {
    let before: Request = tx.by_id(request.id)?;
    // The reference server counts only these changes.
    if (&before.participants, &before.followers) != (&request.participants, &request.followers) {
        request.version += 1;
    }
    let request = tx.put(request)?;
    tx.emit(EventName::RequestUpdate, &request);
    team::rules::recount(tx, before.participants.iter().chain(request.kept().participants.iter()))?;
    Ok(request)
}

pub(super) fn update(tx: &mut Tx, request_id: &str, patch: RequestPatch) -> Result<Arc<Doc<Request>>> {
    let mut request = load_or(tx, request_id, ErrorBody::msg("Request not found".into()))?;
    if let Some(lead) = patch.lead {
        let known = tx.state().tables.leads.get(lead).is_some_and(|lead| lead.value().project() == Some(tx.project()));
        if !known {
            return Err(Error::invalid("lead", json!(lead), "expected the identifier of a lead of the project"));
        }
        request.lead = Some(lead);
    }
    if let Some(tags) = patch.tags {
        request.tags = tags.into_iter().map(|tag| tag.into_tag(tx.new_id())).collect();
    }
    if let Some(status) = patch.status {
        request.status = status.get().unsigned_abs();
    }
    if let Some(channel) = patch.channel_name {
        request.channel.name = channel;
    }
    request.first_text = patch.first_text.unwrap_or(request.first_text);
    request.priority = patch.priority.unwrap_or(request.priority);
    request.smart_assignment = patch.smart_assignment.unwrap_or(request.smart_assignment);
    overwrite(&mut request.rating, patch.rating.map(Decimal::from));
    overwrite(&mut request.rating_message, patch.rating_message);
    overwrite(&mut request.language, patch.language);
    overwrite(&mut request.source_page, patch.source_page);
    overwrite(&mut request.subject, patch.subject);
    overwrite(&mut request.location, patch.location);
    overwrite(&mut request.working_status, patch.working_status);
    save(tx, request)
}

pub(super) fn update_attributes(tx: &mut Tx, request_id: &str, new: JsonObject) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    request.attributes.get_or_insert_default().merge(new);
    save(tx, request)
}

/// Whether the caller participates in the request. Webhook subscriptions participate in all requests of their project.
//
// Departs: Bots can close and rate only conversations in which they participate; the reference server lets them close
// and rate any.
pub(super) fn serves(state: &State, by: &Actor, request: &Request) -> bool {
    match &by.caller {
        Principal::User(user) => request.participants_agents.contains(user),
        Principal::Visitor(_) => false,
        Principal::Service(machine) => {
            let bot = Id::<Bot>::parse(&machine.id).filter(|bot| state.tables.bots.get(*bot).is_some());
            bot.is_none_or(|bot| request.participants_bots.contains(&bot))
        }
    }
}

/// Only the member who opened the request, and services that participate in it, can rate it.
pub(crate) fn rate(tx: &mut Tx, by: &Actor, request_id: &str, new: Rating) -> Result<Arc<Doc<Request>>> {
    let Some(rating) = new.rating.or(new.rate) else {
        let violation =
            Violation { value: None, field: "rating".into(), location: Location::Body, reason: None, msg: None };
        return Err(Error::new(ErrorKind::Invalid, ErrorBody::Fields(vec![violation])));
    };
    let mut request = load_or(tx, request_id, ErrorBody::msg("Request not found".into()))?;
    let is_program = matches!(by.caller, Principal::Service(_));
    if request.requester != Some(by.membership.value().id) && !(is_program && serves(tx.state(), by, &request)) {
        let rule =
            "A request can only be rated by the member who opened it, a bot that serves it, or a webhook subscription.";
        return Err(Error::not_found(ErrorBody::msg("Request not found".into())).because(rule));
    }
    request.rating = Some(rating.into());
    overwrite(&mut request.rating_message, new.rating_message.or(new.rate_message));
    save(tx, request)
}

/// Removes the request and its messages permanently.
pub(super) fn delete(tx: &mut Tx, request_id: &str) -> Result<Bytes> {
    let request = load(tx, request_id)?;
    remove(tx, &request)
}

/// Like [`delete`], by the internal identifier.
pub(super) fn delete_by_id(tx: &mut Tx, id: &RawId<Request>) -> Result<Bytes> {
    let request = tx.get(id)?;
    remove(tx, &request)
}

fn remove(tx: &mut Tx, request: &Request) -> Result<Bytes> {
    let messages = tx.state().tables.messages.with(Message::of_request(tx.project(), &request.request_id));
    let messages: Vec<_> = messages.map(|message| message.value().id).collect();
    messages.into_iter().try_for_each(|message| tx.remove_by_id(message).map(drop))?;
    let request = tx.remove_by_id(request.id)?;
    team::rules::recount(tx, request.kept().participants.iter())?;
    Ok(show_plain(&request))
}
