//! What is written down, and how.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::model::{Activity, ActivityActor, ActivityTarget, ActorKind, TargetKind, Verb};
use crate::{
    resource::{
        project::model::Project,
        request::model::{Participant, Request},
    },
    store::{Doc, join},
    world::{Actor, Id, JsonObject, Result, State, Text, Tx, access},
};

/// How somebody came to serve a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assignment {
    /// By the rules of a department.
    Automatic,
    /// By joining.
    Own,
    /// By somebody else.
    Manual,
}

/// What was done to a request, oldest first.
pub(crate) fn of_request(state: &State, project: Id<Project>, request: &Doc<Request>) -> Bytes {
    let target = request.value().id.to_string();
    let activities = state.tables.activities.with(Activity::of_target(project, &target));
    join::array(&activities.map(|activity| activity.json()).collect::<Vec<_>>())
}

/// The lead is who creates a request.
pub(crate) fn request_created(tx: &mut Tx, request: &Request) -> Result<()> {
    let lead = request.snapshot.lead.as_ref();
    let id = request.lead.map(|lead| lead.to_string()).unwrap_or_default();
    let name = lead.and_then(|lead| lead.fullname.clone());
    let actor = ActivityActor { kind: ActorKind::User, id: id.into(), name };
    record(tx, actor, Verb::RequestCreate, JsonObject::default(), request)
}

pub(crate) fn request_closed(tx: &mut Tx, by: &Actor, request: &Request) -> Result<()> {
    let actor = actor(tx.state(), by);
    record(tx, actor, Verb::RequestClose, JsonObject::default(), request)
}

/// That the participants changed; `before` holds those until then.
pub(crate) fn assigned(
    tx: &mut Tx,
    by: &Actor,
    request: &Request,
    assignment: Assignment,
    before: &[Participant],
) -> Result<()> {
    let (verb, kind, source) = match (request.participants.is_empty(), assignment) {
        (true, _) if before.is_empty() => return Ok(()),
        (true, _) => (Verb::RequestUnassigned, "unassign", "api"),
        (false, Assignment::Automatic) => (Verb::RequestAssignedAuto, "auto", "queue"),
        (false, Assignment::Own) => (Verb::RequestAssignedSelf, "self_join", "api"),
        (false, Assignment::Manual) => (Verb::RequestAssignedManual, "manual_reassign", "api"),
    };
    let actor = match assignment {
        Assignment::Automatic => system(),
        Assignment::Own | Assignment::Manual => actor(tx.state(), by),
    };
    let removed: Vec<_> = before.iter().filter(|participant| !request.participants.contains(participant)).collect();
    let assignee = request.participants.iter().find(|participant| !before.contains(participant));
    let assignee = assignee.or(request.participants.first());
    let details = [
        ("assigneeId", assignee.map(|assignee| json!(assignee))),
        ("assigneeName", assignee.and_then(|assignee| name(tx.state(), *assignee))),
        ("assigneeType", assignee.map(|assignee| json!(if assignee.bot().is_some() { "bot" } else { "user" }))),
        ("assignmentType", Some(json!(kind))),
        ("source", Some(json!(source))),
        ("previousAssigneeId", removed.first().map(|previous| json!(previous))),
        ("removedParticipants", (!removed.is_empty()).then(|| json!(removed))),
    ];
    let details = details.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    record(tx, actor, verb, JsonObject(details.collect::<Map<_, _>>()), request)
}

/// That an agent left a request, or was taken away from it.
pub(crate) fn left(tx: &mut Tx, by: &Actor, request: &Request, who: Participant) -> Result<()> {
    let actor = actor(tx.state(), by);
    let details = json!({"removedParticipants": [who]});
    record(tx, actor, Verb::LeaveConversation, object(details), request)
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => JsonObject(object),
        _ => JsonObject::default(),
    }
}

fn name(state: &State, participant: Participant) -> Option<Value> {
    match participant {
        Participant::Agent(user) => access::identity_of_user(state, user).fullname.map(|name| json!(name)),
        Participant::Bot(bot) => state.tables.bots.get(bot).map(|bot| json!(bot.value().name)),
    }
}

fn system() -> ActivityActor {
    ActivityActor { kind: ActorKind::System, id: "system".into(), name: Some("System".into()) }
}

fn actor(state: &State, by: &Actor) -> ActivityActor {
    ActivityActor { kind: ActorKind::User, id: by.id(), name: access::identity(state, &by.caller).fullname }
}

fn record(tx: &mut Tx, actor: ActivityActor, verb: Verb, action: JsonObject, request: &Request) -> Result<()> {
    let agents = request.participants_agents.iter().map(ToString::to_string);
    let mut involved: Vec<_> = std::iter::once(actor.id.clone()).chain(agents.map(Into::into)).collect();
    involved.sort_unstable();
    involved.dedup();
    // The transcript and the snapshot are the bulk of a request, and are kept with it.
    let object = json!({
        "_id": request.id,
        "request_id": request.request_id,
        "ticket_id": request.ticket_id,
        "first_text": request.first_text,
        "status": request.status,
        "participants": request.participants,
        "department": request.department,
        "lead": request.lead,
        "id_project": request.id_project,
        "createdAt": request.created_at,
    });
    let target =
        ActivityTarget { kind: TargetKind::Request, id: request.id.to_string().into(), object: self::object(object) };
    write(tx, actor, verb, Some(action), target, Some(involved))
}

/// That somebody changed a knowledge base or a content, which is `shown` as it was then.
pub(crate) fn knowledge_changed(
    tx: &mut Tx,
    by: &Actor,
    verb: Verb,
    kind: TargetKind,
    id: &str,
    shown: &[u8],
) -> Result<()> {
    let actor = actor(tx.state(), by);
    let object = self::object(serde_json::from_slice(shown).expect("documents are rendered JSON"));
    write(tx, actor, verb, None, ActivityTarget { kind, id: id.into(), object }, None)
}

fn write(
    tx: &mut Tx,
    actor: ActivityActor,
    verb: Verb,
    action: Option<JsonObject>,
    target: ActivityTarget,
    involved: Option<Vec<Text>>,
) -> Result<()> {
    let activity = Activity {
        id: tx.new_id(),
        actor,
        verb,
        action,
        target,
        involved,
        id_project: tx.project(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    };
    tx.put(activity).map(drop)
}
