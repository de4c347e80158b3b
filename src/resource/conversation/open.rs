//! Opening of conversations, with their lead, their department, and their participants.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    identity::{
        Actor,
        authenticate::{self, Identity},
    },
    resource::{
        activity::rules::{self as activity, Assignment},
        department::{
            self,
            operator::{self as operator, Bots},
        },
        lead::{self, author::Author, document::Lead},
        message::document::Channel,
        request::{
            authority::may_speak_as,
            document::Request,
            follower, participant,
            schema::{NewRequest, Opening},
            snapshot::{Contact, Snapshot},
        },
        team::{self, document::Teammate},
    },
    state::{State, Tx, event::EventName},
    store::Doc,
    value::{Error, Id, JsonObject, Result, Text, error::ErrorBody},
};

/// Everything needed to create a request.
pub(crate) struct Conversation {
    pub(crate) request_id: Option<Text>,
    pub(crate) first_text: Text,
    /// The visitor's identity and membership.
    pub(crate) author: Author,
    pub(crate) requester: Id<Teammate>,
    pub(crate) language: Option<Text>,
    pub(crate) attributes: Option<JsonObject>,
    pub(crate) channel: Option<Channel>,
    pub(crate) start: Start,
    pub(crate) origin: Origin,
    pub(crate) opening: Opening,
}

/// The origin of a conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Its first message.
    Message,
    /// A call without a message.
    Import,
}

/// The initial state of a conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// The visitor has written.
    Open,
    /// The visitor has not written yet.
    Preflight,
    /// Not assigned yet.
    Temporary,
    /// The visitor has not written yet, and the conversation is not assigned yet.
    TemporaryPreflight,
}

/// Opens a request without a message, for imports.
pub(crate) fn create(tx: &mut Tx, by: &Actor, path_id: Option<Text>, new: NewRequest) -> Result<Arc<Doc<Request>>> {
    may_speak_as(tx.state(), by, new.sender.as_ref())?;
    let author = author(tx.state(), by, new.sender.as_ref())?;
    let author = author.named(new.sender_fullname, new.opening.email.clone());
    let conversation = Conversation {
        request_id: new.request_id.filter(|id| !id.is_empty()).or(path_id),
        first_text: new.first_text,
        author,
        // The sender is the visitor of the conversation; the requester is the caller.
        requester: by.membership.value().id,
        language: new.language,
        attributes: new.attributes,
        channel: new.channel,
        start: Start::Open,
        origin: Origin::Import,
        opening: new.opening,
    };
    open(tx, by, conversation)
}

/// Opens a conversation, emits `request.create`, and logs an activity.
pub(crate) fn open(tx: &mut Tx, by: &Actor, new: Conversation) -> Result<Arc<Doc<Request>>> {
    let (id, project, now) = (tx.new_id(), tx.project(), tx.now());
    let lead = lead::rules::of_author(tx, &new.author, new.attributes.as_ref())?;
    let channel = new.channel.unwrap_or_default();
    let mut request = Request {
        id,
        same_id: None,
        request_id: new.request_id.unwrap_or_else(|| request_id(tx)),
        ticket_id: tx.next_ticket(),
        first_text: new.first_text,
        subject: new.opening.subject,
        status: Request::UNSERVED,
        preflight: matches!(new.start, Start::Preflight | Start::TemporaryPreflight),
        requester_id: None,
        participants: Vec::new(),
        participants_agents: Vec::new(),
        participants_bots: Vec::new(),
        has_bot: false,
        followers: new.opening.followers.unwrap_or_default(),
        source_page: new.opening.source_page,
        language: new.language,
        user_agent: new.opening.user_agent,
        priority: new.opening.priority.unwrap_or_else(|| "normal".into()),
        tags: Vec::new(),
        notes: Vec::new(),
        rating: None,
        rating_message: None,
        waiting_time: None,
        transcript: None,
        smart_assignment: !matches!(&*channel.name, "form" | "email"),
        draft: is_draft(new.attributes.as_ref()).then_some(true),
        attributes: new.attributes,
        channel,
        channel_outbound: Channel::default(),
        contact: Contact::of(&lead).filter(|_| new.origin == Origin::Message),
        location: new.opening.location,
        working_status: None,
        snapshot: Snapshot::default(),
        assigned_at: None,
        first_response_at: None,
        closed_at: None,
        closed_by: None,
        duration: None,
        id_project: project,
        created_by: by.id(),
        created_at: now,
        updated_at: now,
        version: 0,
        agents: Vec::new(),
        chatbot_parameters: None,
        department: None,
        lead: Some(lead.id),
        requester: Some(new.requester),
    };
    request.followers = follower::known(tx.state(), project, "followers", request.followers)?;
    request.snapshot.requester = Some(new.author.member);
    request.snapshot.lead = Some(lead);
    match new.opening.participants {
        Some(participants) if !participants.is_empty() => {
            request.participants = participant::rules::known(tx.state(), project, "participants", participants)?;
            operator::everybody(tx.state(), project, now).note(&mut request);
        }
        _ => assign(tx, &mut request, new.opening.departmentid.as_deref(), new.start)?,
    }
    if matches!(new.start, Start::Temporary | Start::TemporaryPreflight) {
        request.status = Request::TEMPORARY;
    } else if !request.participants.is_empty() {
        request.status = Request::SERVED;
        request.assigned_at = Some(now);
    }
    let request = tx.put(request)?;
    tx.emit(EventName::RequestCreate, &request);
    team::rules::recount(tx, request.kept().participants.iter())?;
    if !request.value().preflight {
        activity::request_created(tx, &request.value())?;
        activity::assigned(tx, by, &request.value(), Assignment::Automatic, &[])?;
    }
    Ok(request)
}

/// Assigns a new conversation by the routing of its department.
fn assign(tx: &mut Tx, request: &mut Request, department: Option<&str>, start: Start) -> Result<()> {
    let department = department::rules::named(tx.state(), tx.project(), "departmentid", department)?;
    let choice = operator::select(tx, &department, Bots::First, None)?;
    choice.note(request);
    if matches!(start, Start::Open | Start::Preflight) {
        request.participants = choice.operators;
    }
    request.department = Some(department.id);
    request.snapshot.department = Some(department);
    Ok(())
}

/// Test conversations are recognized by their source page.
fn is_draft(attributes: Option<&JsonObject>) -> bool {
    let page = attributes.and_then(|attributes| attributes.0.get("sourcePage")).and_then(Value::as_str);
    page.is_some_and(|page| page.contains("td_draft=true"))
}

fn request_id(tx: &mut Tx) -> Text {
    format!("support-group-{}-{}", tx.project(), tx.new_uuid().replace('-', "")).into()
}

/// The caller, or the active member named as the sender in a body.
pub(crate) fn author(state: &State, by: &Actor, sender: Option<&Text>) -> Result<Author> {
    let member = by.membership.value();
    let Some(sender) = sender.filter(|sender| **sender != by.id()) else {
        return Ok(Author { identity: authenticate::identity(state, &by.caller), member: member.into_owned() });
    };
    let project = member.id_project;
    let term = match Id::parse(sender) {
        Some(user) => Teammate::of_user(project, user),
        None => Teammate::of_visitor(project, sender),
    };
    let member = state.tables.project_users.find(term).filter(|member| member.value().is_active());
    let member = member.ok_or_else(|| {
        let text = format!("Unauthorized. Project_user not found with user id  : {sender}"); // sic
        Error::forbidden(ErrorBody::msg(text.into()))
    })?;
    let identity = match member.value().id_user {
        Some(user) => authenticate::identity_of_user(state, user),
        None => identity_of_lead(state.tables.leads.find(Lead::by_lead_id(project, sender)), sender),
    };
    Ok(Author { identity, member: member.value().into_owned() })
}

fn identity_of_lead(lead: Option<&Arc<Doc<Lead>>>, id: &Text) -> Identity {
    let lead = lead.map(|lead| lead.value());
    Identity {
        id: id.clone(),
        fullname: lead.as_ref().and_then(|lead| lead.fullname.clone()),
        email: lead.as_ref().and_then(|lead| lead.email.clone()),
        phone: None,
        attributes: None,
    }
}
