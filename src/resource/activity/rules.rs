//! Activities about conversations, bots, and knowledge bases, and the listing of the log.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{
    document::{
        Activity, ActivityActor, ActivityTarget, ActorKind, RelatedKind, RelatedParty, RelatedRole, TargetKind, Verb,
    },
    schema::{ActivityFilter, ActivitySelection},
    summary_text::{Language, sentence},
};
use crate::{
    identity::{Actor, Principal, authenticate},
    render,
    resource::{
        chatbot::document::Bot,
        period::Bounds,
        project::document::Project,
        request::{self, document::Request, participant::document::Participant},
    },
    state::{
        ProjectScope, State, Tx,
        query::{self, Selection},
    },
    store::{Doc, render},
    value::{Id, JsonObject, Result, Text},
};

/// Default page size.
const PER_PAGE: u32 = 40;

/// Maximum page size, without and with `chart`.
const MOST: u32 = 100;
const MOST_OF_CHART: u32 = 1_000;

/// How a participant was assigned to a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assignment {
    /// By the routing of a department.
    Automatic,
    /// By the routing of a department that the caller named.
    Department,
    /// By joining the conversation.
    Own,
    /// By another member.
    Manual,
}

/// An activity to record.
pub(super) struct Entry {
    pub(super) actor: ActivityActor,
    pub(super) verb: Verb,
    pub(super) action: Value,
    pub(super) related: Option<RelatedParty>,
    pub(super) target: ActivityTarget,
    /// Users involved besides the actor and the third party.
    pub(super) users: Vec<Text>,
}

/// A page of the log, with summaries.
pub(super) fn list(scope: &ProjectScope, filter: &ActivityFilter) -> Result<Bytes> {
    let chart = matches!(filter.chart.as_deref(), Some("true" | "1"));
    // Departs: `limit=0` lists every activity, as in other lists; the reference server falls back to the default page
    // size.
    let page = filter.paging.clamped(PER_PAGE, if chart { MOST_OF_CHART } else { MOST });
    let (per_page, selection) = (page.per_page, selection(scope.project, &filter.selection)?);
    let log = scope.read(|state| {
        let rows = query::select(state, selection, page);
        render::json::page(per_page, rows.count, "activities", rows.docs.iter().map(|doc| show(doc)))
    });
    let mut whole = render::json::Object::new(&log, 160);
    if chart {
        whole.field("chart", b"true");
        if filter.paging.limit().is_some_and(|limit| limit > MOST_OF_CHART) {
            let warning = format!(
                "Limit exceeded the maximum allowed value of {MOST_OF_CHART}. Only the first {MOST_OF_CHART} matching \
                 activities are returned."
            );
            whole.text("limitWarning", warning);
        }
    }
    Ok(whole.end())
}

/// Translates a query to index terms.
//
// Departs: The activity log keeps its entries; the reference server deletes them after 30 days, and writes none unless
// it is configured to.
pub(super) fn selection(project: Id<Project>, wanted: &ActivitySelection) -> Result<Selection<'static, Activity>> {
    let mut all = Vec::new();
    if let Some(verbs) = &wanted.activities {
        let known = verbs.split(',').filter_map(|verb| serde_json::from_value(json!(verb.trim())).ok());
        all.push(known.map(|verb| Activity::of_verb(project, verb)).collect());
    }
    if let Some(user) = &wanted.agent_id {
        all.push(vec![Activity::of_agent(project, user)]);
    }
    if all.is_empty() {
        all.push(vec![Activity::of_project(project)]);
    }
    let bounds = wanted.days.bounds()?;
    let end = bounds.end.filter(|_| bounds.start.is_some());
    Ok(Selection { range: Bounds { end, ..bounds }.range(), ..Selection::of(all) })
}

/// The activity with its summary.
fn show(doc: &Doc<Activity>) -> Bytes {
    let mut whole = whole(doc);
    if let Some(sentence) = sentence(&doc.value(), Language::English) {
        whole.field("message", &render(&sentence));
    }
    whole.end()
}

/// The activity with its details. A request that was created or closed is stored only once, as the target.
pub(super) fn whole(doc: &Doc<Activity>) -> render::json::Object {
    let activity = doc.value();
    let mut whole = render::json::Object::new(doc.json(), 3_000);
    if activity.action.is_none() && matches!(activity.verb, Verb::RequestCreate | Verb::RequestClose) {
        whole.field("actionObj", &render(&activity.target.object));
    }
    whole
}

/// The activities of a request, oldest first.
pub(crate) fn of_request(state: &State, project: Id<Project>, request: &Doc<Request>) -> Bytes {
    let target = request.value().id.to_string();
    let activities = state.tables.activities.with(Activity::of_target(project, &target));
    render::json::array(activities.map(|activity| whole(activity).end()))
}

/// Logs a new request. The actor is its lead.
pub(crate) fn request_created(tx: &mut Tx, request: &Request) -> Result<()> {
    let lead = request.snapshot.lead.as_ref();
    let id = request.lead.map(|lead| lead.to_string()).unwrap_or_default();
    let name = lead.and_then(|lead| lead.fullname.clone());
    let actor = ActivityActor { own_id: None, kind: ActorKind::User, id: id.into(), name };
    write(tx, actor, Verb::RequestCreate, Value::Null, None, request)
}

pub(crate) fn request_closed(tx: &mut Tx, by: &Actor, request: &Request) -> Result<()> {
    let mut actor = actor(tx.state(), by);
    if let Principal::Visitor(visitor) = &by.caller {
        // The API looks up the names of users only.
        actor.name = Some(visitor.id.clone());
    }
    write(tx, actor, Verb::RequestClose, Value::Null, None, request)
}

/// Logs a change of the participants; `before` holds the previous ones.
pub(crate) fn assigned(
    tx: &mut Tx,
    by: &Actor,
    request: &Request,
    assignment: Assignment,
    before: &[Participant],
) -> Result<()> {
    let removed: Vec<_> = before.iter().filter(|participant| !request.participants.contains(participant)).collect();
    let assignee = request.participants.iter().find(|participant| !before.contains(participant));
    let assignee = assignee.or(request.participants.first()).copied();
    let (verb, kind, source, related) = match (assignee, assignment) {
        (_, Assignment::Department) => {
            let department = request.snapshot.department.as_ref();
            let department = department.map(|department| RelatedParty {
                role: RelatedRole::Assignee,
                kind: RelatedKind::Department,
                id: department.id.to_string().into(),
                name: Some(department.name.clone()),
            });
            (Verb::RequestAssignedManual, "manual_reassign_department", "api", department)
        }
        (None, _) => {
            // Bots that leave are not logged, and neither are bots that a department chooses.
            let Some(last) = before.iter().find(|participant| participant.agent().is_some()) else { return Ok(()) };
            let last = party(tx.state(), *last, RelatedRole::UnassignedUser);
            (Verb::RequestUnassigned, "unassign", "api", Some(last))
        }
        (Some(Participant::Bot(_)), Assignment::Automatic) => return Ok(()),
        (Some(assignee), _) => {
            let (verb, kind, source) = match (assignment, assignee) {
                (Assignment::Automatic | Assignment::Department, _) => (Verb::RequestAssignedAuto, "auto", "queue"),
                (Assignment::Own, _) => (Verb::RequestAssignedSelf, "self_join", "api"),
                (Assignment::Manual, Participant::Bot(_)) => {
                    (Verb::RequestAssignedManual, "manual_reassign_bot", "api")
                }
                (Assignment::Manual, Participant::Agent(_)) => (Verb::RequestAssignedManual, "manual_reassign", "api"),
            };
            (verb, kind, source, Some(party(tx.state(), assignee, RelatedRole::Assignee)))
        }
    };
    let actor = match assignment {
        Assignment::Automatic => system(),
        Assignment::Department | Assignment::Own | Assignment::Manual => actor(tx.state(), by),
    };
    let assignee = related.as_ref().filter(|related| related.role == RelatedRole::Assignee);
    let details = [
        ("assigneeId", assignee.map(|assignee| json!(assignee.id))),
        ("assigneeName", assignee.and_then(|assignee| assignee.name.as_ref()).map(|name| json!(name))),
        ("assigneeType", assignee.map(|assignee| json!(assignee.kind))),
        ("assignmentType", Some(json!(kind))),
        ("source", Some(json!(source))),
        ("previousAssigneeId", removed.first().map(|previous| json!(previous))),
        ("removedParticipants", (!removed.is_empty()).then(|| json!(removed))),
    ];
    let details = details.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    write(tx, actor, verb, Value::Object(details.collect::<Map<_, _>>()), related, request)
}

/// Logs that an agent left a request or was removed from it. The actor is the agent either way.
pub(crate) fn left(tx: &mut Tx, request: &Request, who: Participant) -> Result<()> {
    let related = party(tx.state(), who, RelatedRole::UnassignedUser);
    let (id, name) = (related.id.clone(), related.name.clone());
    let actor = ActivityActor { own_id: None, kind: ActorKind::User, id, name };
    write(tx, actor, Verb::LeaveConversation, json!({"removedParticipants": [who]}), Some(related), request)
}

fn party(state: &State, who: Participant, role: RelatedRole) -> RelatedParty {
    let (kind, name) = match who {
        Participant::Agent(user) => (RelatedKind::User, authenticate::identity_of_user(state, user).fullname),
        Participant::Bot(bot) => (RelatedKind::Bot, state.tables.bots.get(bot).map(|bot| bot.value().name.clone())),
    };
    RelatedParty { role, kind, id: who.to_string().into(), name }
}

pub(super) fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => JsonObject(object),
        _ => JsonObject::default(),
    }
}

fn system() -> ActivityActor {
    ActivityActor { own_id: None, kind: ActorKind::System, id: "system".into(), name: Some("System".into()) }
}

/// The caller as an actor: a user, a bot, or `system` for a subscription.
pub(super) fn actor(state: &State, by: &Actor) -> ActivityActor {
    let kind = match &by.caller {
        Principal::User(_) | Principal::Visitor(_) => ActorKind::User,
        Principal::Service(machine) => match Id::<Bot>::parse(&machine.id).and_then(|id| state.tables.bots.get(id)) {
            Some(_) => ActorKind::Bot,
            None => return system(),
        },
    };
    ActivityActor { own_id: None, kind, id: by.id(), name: authenticate::identity(state, &by.caller).fullname }
}

/// Names of the agents assigned to a request.
fn serving(state: &State, request: &Request) -> Value {
    let agents = request.participants_agents.iter().filter_map(|user| state.tables.users.get(*user));
    let named = agents.map(|user| {
        let user = user.value();
        json!({"id_user": {"_id": user.id, "firstname": user.firstname, "lastname": user.lastname}})
    });
    named.collect()
}

fn write(
    tx: &mut Tx,
    actor: ActivityActor,
    verb: Verb,
    action: Value,
    related: Option<RelatedParty>,
    request: &Request,
) -> Result<()> {
    let users = request.participants_agents.iter().map(|user| user.to_string().into()).collect();
    let (kind, id) = (TargetKind::Request, request.id.to_string().into());
    let mut copy = request::rules::copy(request);
    if !action.is_null() {
        // The documented example of a changed assignment contains the assigned agents.
        copy.0.insert("participatingAgents".to_owned(), serving(tx.state(), request));
    }
    let target = ActivityTarget { kind, id, object: copy };
    record(tx, Entry { actor, verb, action, related, target, users })
}

/// Logs an action on a bot. The snapshot omits its secret.
pub(crate) fn of_bot(tx: &mut Tx, by: &Actor, verb: Verb, bot: &Doc<Bot>) -> Result<()> {
    changed(tx, by, verb, TargetKind::FaqKb, &bot.value().id.to_string(), bot.json())
}

/// Logs an action on a bot, a knowledge base, or a content, of which `shown` is the snapshot.
pub(crate) fn changed(tx: &mut Tx, by: &Actor, verb: Verb, kind: TargetKind, id: &str, shown: &[u8]) -> Result<()> {
    let actor = actor(tx.state(), by);
    let shown = serde_json::from_slice(shown).expect("documents are rendered JSON");
    let target = ActivityTarget { kind, id: id.into(), object: object(shown) };
    record(tx, Entry { actor, verb, action: Value::Null, related: None, target, users: Vec::new() })
}

pub(super) fn record(tx: &mut Tx, entry: Entry) -> Result<()> {
    let Entry { actor, verb, action, related, target, users: mut involved } = entry;
    involved.extend((actor.kind == ActorKind::User).then(|| actor.id.clone()));
    involved.extend(related.iter().filter(|related| related.kind == RelatedKind::User).map(|user| user.id.clone()));
    involved.sort_unstable();
    involved.dedup();
    let id = tx.new_id();
    let activity = Activity {
        id,
        actor: ActivityActor { own_id: Some(id.of_subdocument()), ..actor },
        verb,
        action: (!action.is_null()).then(|| object(action)),
        target,
        related,
        involved: (!involved.is_empty()).then_some(involved),
        id_project: tx.project(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
        message: None,
    };
    tx.put(activity).map(drop)
}
