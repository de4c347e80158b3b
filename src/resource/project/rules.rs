//! Rules for projects.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::{
    identity::{Actor, Principal},
    render,
    resource::{
        chatbot,
        department::{self, document::Department},
        message,
        project::{
            address_filter,
            ban::{BannedUser, KnownBan, NewBan},
            document::{Project, ProjectProfile},
            operating_hours::{EXPECTED, Hours, Style},
            patch::ProjectPatch,
            schema::{NewProject, ProjectSummary},
        },
        team::{self, document::Teammate},
        user::document::User,
    },
    state::{State, Tx, event::EventName},
    store::Doc,
    value::{Error, Id, JsonObject, RawId, Result, Role, Text, Timestamp, error::ErrorBody, patch::overwrite},
};

const DAY: i64 = 86_400_000;

/// The project as shown in responses, with the fields that depend on the current time.
pub(crate) fn show(doc: &Doc<Project>, now: Timestamp) -> Bytes {
    let project = doc.value();
    let age = now.milliseconds() - project.created_at.milliseconds();
    let over = (age - i64::from(project.profile.trial_days) * DAY).div_euclid(DAY);
    let mut whole = render::json::Object::new(doc.json(), 90);
    whole.field("trialExpired", if over >= 0 { b"true" } else { b"false" });
    whole.field("trialDaysLeft", over.to_string().as_bytes());
    whole.field("isActiveSubscription", if project.profile.is_paid(now) { b"true" } else { b"false" });
    whole.end()
}

/// When the next trial ends.
pub(crate) fn next_trial_end(state: &State, now: Timestamp) -> Option<Timestamp> {
    let ends = state.tables.projects.iter().filter_map(|project| project.value().trial_end());
    ends.filter(|end| now < *end).min()
}

/// When the next project stops being paid for.
pub(crate) fn next_subscription_end(state: &State, now: Timestamp) -> Option<Timestamp> {
    let ends = state.tables.projects.iter().filter_map(|project| project.value().profile.paid_until());
    ends.filter(|end| now < *end).min()
}

/// The caller's memberships with team roles, each with its project embedded, most recently changed project first.
pub(super) fn list(state: &State, caller: &Principal, now: Timestamp) -> Bytes {
    let Principal::User(user) = caller else { return Bytes::from_static(b"[]") };
    let members = state.tables.project_users.with(Teammate::memberships(*user));
    let mut rows: Vec<_> = members
        .filter(|member| member.value().role.is_team() && member.value().is_active())
        .filter_map(|member| Some((state.tables.projects.get(member.value().id_project)?, member)))
        .collect();
    rows.sort_by_key(|(project, _)| std::cmp::Reverse(project.value().updated_at));
    let rows = rows.into_iter().map(|(project, member)| {
        let mut row = render::json::Object::new(&team::rules::without_project(member), 600);
        row.field("id_project", &show(project, now)).text("id_user", user);
        row.end()
    });
    render::json::array(rows)
}

/// Email address of the administrator of the installation, the default of the reference server.
const ADMINISTRATOR: &str = "admin@tiledesk.com";

/// All active projects, newest first.
pub(super) fn list_all(state: &State, caller: &Principal) -> Result<Vec<ProjectSummary>> {
    if !matches!(caller, Principal::User(user) if email(state, &user.to_string()).as_deref() == Some(ADMINISTRATOR)) {
        let text = "You don't have the permission required to perform the operation";
        return Err(Error::forbidden(ErrorBody::error(text.into())));
    }
    let projects = state.tables.projects.iter().rev().map(|project| project.value());
    let summary = projects.filter(|project| project.is_active()).map(|project| ProjectSummary {
        id: project.id,
        name: project.name.clone(),
        owner: email(state, &project.created_by),
        created_at: project.created_at,
        profile_name: project.profile.name.clone(),
    });
    Ok(summary.collect())
}

fn email(state: &State, user: &str) -> Option<Text> {
    let user = Id::<User>::parse(user).and_then(|user| state.tables.users.get(user));
    user.map(|user| user.value().email.clone())
}

pub(super) fn get(state: &State, id: Id<Project>) -> Result<&Arc<Doc<Project>>> {
    let project = state.tables.projects.get(id);
    project.filter(|project| project.value().is_active()).ok_or(Error::OBJECT_NOT_FOUND)
}

/// Creates a project with its owner and its default department.
pub(super) fn create(tx: &mut Tx, by: &Principal, new: NewProject) -> Result<Arc<Doc<Project>>> {
    let Principal::User(user) = by else { return Err(Error::ROLE_TOO_LOW) };
    let (id, now) = (tx.new_id(), tx.now());
    let project = tx.put(Project::new(id, new.name, by.id(), now))?;
    let mut owner = Teammate::new(tx.new_id(), id, Role::Owner, by.id(), now);
    owner.id_user = Some(*user);
    tx.put(owner)?;
    let department = Department::new(tx.new_id(), "Default Department".into(), id, by.id(), now);
    tx.put(Department { default: true, routing: department::rules::assigned(), ..department })?;
    chatbot::rules::add_identity(tx, id)?;
    tx.emit(EventName::ProjectCreate, &project);
    Ok(project)
}

pub(super) fn update(tx: &mut Tx, by: &Actor, patch: ProjectPatch) -> Result<Arc<Doc<Project>>> {
    if patch.profile.is_some() {
        let text = "You don't have the permission required to modify the project profile";
        return Err(Error::forbidden(ErrorBody::error(text.into())));
    }
    if let Some(hours) =
        patch.operating_hours.as_ref().filter(|hours| !hours.is_empty() && Hours::parse(hours).is_none())
    {
        return Err(Error::invalid("operatingHours", json!(hours), EXPECTED));
    }
    for (slot, value) in patch.time_slots.iter().flat_map(|slots| &slots.0) {
        if !is_slot(value) {
            return Err(Error::invalid(format!("timeSlots.{slot}.hours"), value["hours"].clone(), EXPECTED));
        }
    }
    let filters = [("ipFilter", &patch.ip_filter), ("ipFilterDeny", &patch.ip_filter_deny)];
    for (field, list) in filters {
        if let Some(text) = list.as_deref().and_then(address_filter::misread) {
            // Departs: An entry of an IP filter must be an address or a CIDR range; the reference server stores any
            // text.
            return Err(Error::invalid(field, json!(text), "expected IP addresses or CIDR ranges"));
        }
    }
    let mut project = own(tx)?;
    let dotted = [
        ("chat_limit_on", patch.chat_limit_on.map(Value::from)),
        ("max_agent_assigned_chat", patch.max_agent_assigned_chat.map(Value::from)),
        ("reassignment_on", patch.reassignment_on.map(Value::from)),
        ("reassignment_delay", patch.reassignment_delay.map(Value::from)),
        ("automatic_unavailable_status_on", patch.automatic_unavailable_status_on.map(Value::from)),
        ("automatic_idle_chats", patch.automatic_idle_chats.map(Value::from)),
    ];
    overwrite(&mut project.settings, patch.settings);
    for (name, value) in dotted {
        if let Some(value) = value {
            project.settings.get_or_insert_default().0.insert(name.into(), value);
        }
    }
    overwrite(&mut project.widget, patch.widget);
    overwrite(&mut project.operating_hours, patch.operating_hours);
    overwrite(&mut project.time_slots, patch.time_slots);
    project.name = patch.name.unwrap_or(project.name);
    project.active_operating_hours = patch.active_operating_hours.unwrap_or(project.active_operating_hours);
    project.versions = patch.versions.unwrap_or(project.versions);
    project.channels = patch.channels.unwrap_or(project.channels);
    overwrite(&mut project.ip_filter_enabled, patch.ip_filter_enabled);
    overwrite(&mut project.ip_filter, patch.ip_filter);
    project.ip_filter_deny_enabled = patch.ip_filter_deny_enabled.unwrap_or(project.ip_filter_deny_enabled);
    project.ip_filter_deny = patch.ip_filter_deny.unwrap_or(project.ip_filter_deny);
    if let Some(bans) = patch.banned_users {
        let bans = bans.into_iter().map(|KnownBan { ban_id, ban }| banned(tx, by, &project, ban_id, ban));
        project.banned_users = bans.collect::<Result<_>>()?;
    }
    put(tx, project)
}

pub(super) fn update_attributes(tx: &mut Tx, new: JsonObject) -> Result<Arc<Doc<Project>>> {
    let mut project = own(tx)?;
    project.attributes.get_or_insert_default().merge(new);
    put(tx, project)
}

pub(super) fn ban(tx: &mut Tx, by: &Actor, new: NewBan) -> Result<Arc<Doc<Project>>> {
    let mut project = own(tx)?;
    let id = new.id.clone();
    let new = banned(tx, by, &project, None, new)?;
    project.banned_users.push(new);
    let project = put(tx, project)?;
    if let Some(id) = id {
        message::system::user_banned(tx, project.value().id, id)?;
    }
    Ok(project)
}

/// A ban, either a new one or one that the project already has.
fn banned(tx: &mut Tx, by: &Actor, project: &Project, id: Option<Id<BannedUser>>, new: NewBan) -> Result<BannedUser> {
    let user = new.id.as_deref().filter(|id| !project.bans(id)).and_then(Id::parse);
    if let Some(member) = user.and_then(|user| tx.find::<Teammate>(Teammate::of_user(project.id, user))) {
        team::authority::may_change(tx.state(), by, &member)?;
    }
    Ok(BannedUser { ban_id: id.unwrap_or_else(|| tx.new_id()), id: new.id, ip: new.ip })
}

pub(super) fn unban(tx: &mut Tx, id: &RawId<BannedUser>) -> Result<Arc<Doc<Project>>> {
    let mut project = own(tx)?;
    let banned = &mut project.banned_users;
    let place = banned.iter().position(|banned| Some(banned.ban_id) == id.id()).ok_or(Error::OBJECT_NOT_FOUND)?;
    banned.remove(place);
    put(tx, project)
}

fn put(tx: &mut Tx, project: Project) -> Result<Arc<Doc<Project>>> {
    let project = tx.put(project)?;
    tx.emit(EventName::ProjectUpdate, &project);
    Ok(project)
}

/// Resets the plan to that of a new project.
pub(super) fn downgrade(tx: &mut Tx) -> Result<Arc<Doc<Project>>> {
    let mut project = own(tx)?;
    project.profile = ProjectProfile::default();
    let project = tx.put(project)?;
    tx.emit(EventName::ProjectDowngrade, &project);
    Ok(project)
}

pub(super) fn delete(tx: &mut Tx) -> Result<Arc<Doc<Project>>> {
    let mut project = own(tx)?;
    project.status = Project::DELETED;
    let project = tx.put(project)?;
    tx.emit(EventName::ProjectDelete, &project);
    Ok(project)
}

/// The project of the path, unless it was deleted.
fn own(tx: &Tx) -> Result<Project> {
    get(tx.state(), tx.project()).map(|project| project.value().into_owned())
}

/// Whether a value is a time slot: an object whose hours, if any, can be parsed.
fn is_slot(value: &Value) -> bool {
    let hours =
        value.get("hours").map(|hours| hours.as_str().filter(|text| text.is_empty() || Hours::parse(text).is_some()));
    value.is_object() && hours.is_none_or(|hours| hours.is_some())
}

/// Whether a project is open now.
//
// Departs: A project with active operating hours but no hours is open, and trials never end; the reference server fails
// with 500 in the first case, and ignores hours and departments after a trial.
pub(crate) fn is_open(project: &Project, now: Timestamp) -> bool {
    let hours = project.operating_hours.as_deref().and_then(Hours::parse).filter(|_| project.active_operating_hours);
    hours.is_none_or(|hours| hours.are_open(now, Style::Week))
}

/// Whether a time slot of the project is open. An inactive slot always is.
pub(super) fn is_slot_open(project: &Project, slot: &str, now: Timestamp) -> Result<bool> {
    let Some(slots) = &project.time_slots else { return Ok(true) };
    let unknown = || Error::not_found(ErrorBody::error(format!("Slot not found with id {slot}").into()));
    let slot = slots.0.get(slot).ok_or_else(unknown)?;
    let hours = slot["hours"].as_str().and_then(Hours::parse).filter(|_| slot["active"] == true);
    Ok(hours.is_none_or(|hours| hours.are_open(now, Style::Iso)))
}

/// The available agents among `agents` with capacity for another request.
pub(crate) fn free(project: &Project, mut agents: Vec<Arc<Doc<Teammate>>>) -> Vec<Arc<Doc<Teammate>>> {
    let limit = project.chat_limit();
    agents.retain(|agent| agent.value().user_available && !team::rules::is_busy(&agent.value(), limit));
    agents
}

/// The active project with the identifier in a path that requires no credentials.
pub(super) fn find<'a>(state: &'a State, id: &str) -> Result<&'a Arc<Doc<Project>>> {
    Id::parse(id).ok_or(Error::OBJECT_NOT_FOUND).and_then(|id| get(state, id))
}

// Departs: Deleting a project permanently also deletes what belongs to it; the reference server keeps it.
pub(super) fn delete_physically(tx: &mut Tx) -> Result<()> {
    own(tx)?;
    tx.remove_project().map(drop)
}
