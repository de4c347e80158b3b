//! Rules for the team.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    authority::{keep_owner, may_change, may_grant},
    document::{MemberStatus, Teammate},
    schema::{FoundUser, NewGuest, TeammateFilter, TeammatePatch, TeammateRemoval, TeammateSearch},
};
use crate::{
    identity::{Actor, Principal, authenticate},
    render,
    resource::{
        activity::member::{self as activity, Removal, Whose},
        chatbot::document::Bot,
        group::document::Group,
        project::{document::Project, schema::AvailableAgent},
        request::{document::Request, index::RequestIndex, participant::document::Participant},
        user::document::User,
    },
    state::{State, Tx, event::EventName},
    store::{CachedLookup, Doc},
    value::{
        Error, Id, JsonObject, RawId, Result, Role, Text,
        error::{ErrorBody, ErrorKind},
        patch::overwrite,
    },
};

/// The teammate with its user embedded.
pub(crate) fn show(state: &State, doc: &Doc<Teammate>) -> Bytes {
    populated(state, doc).end()
}

/// The teammate with its user embedded, and whether it is busy.
pub(crate) fn show_with_load(state: &State, doc: &Doc<Teammate>) -> Bytes {
    let mut whole = populated(state, doc);
    show_load(state, doc, &mut whole);
    whole.end()
}

/// The teammate with the identifier of its user.
pub(crate) fn show_with_id(doc: &Doc<Teammate>) -> Bytes {
    with_id(doc).end()
}

fn with_id(doc: &Doc<Teammate>) -> render::json::Object {
    let mut whole = render::json::Object::new(doc.json(), 60);
    if let Some(user) = doc.value().id_user {
        whole.text("id_user", user);
    }
    whole
}

/// The teammate with the identifier of its user, and whether it is busy.
pub(crate) fn show_plain(state: &State, doc: &Doc<Teammate>) -> Bytes {
    let mut whole = with_id(doc);
    show_load(state, doc, &mut whole);
    whole.end()
}

fn populated(state: &State, doc: &Doc<Teammate>) -> render::json::Object {
    let mut whole = render::json::Object::new(doc.json(), 400);
    populate(&mut CachedLookup::new(&state.tables.users), doc, &mut whole);
    whole
}

/// Embeds the user of a teammate.
pub(crate) fn populate(users: &mut CachedLookup<'_, User>, doc: &Doc<Teammate>, whole: &mut render::json::Object) {
    if let Some(user) = doc.value().id_user.and_then(|user| users.get(user)) {
        whole.field("id_user", user.json());
    }
}

/// The rendered teammate without the identifier of its project, which the embedded project replaces.
pub(crate) fn without_project(doc: &Doc<Teammate>) -> Vec<u8> {
    let mut object: Value = serde_json::from_slice(doc.json()).expect("documents are rendered JSON");
    object.as_object_mut().expect("documents are objects").shift_remove("id_project");
    object.to_string().into_bytes()
}

/// The team of a project: members with team roles who were not removed, and whose accounts are open.
//
// Departs: A teammate who is disabled or removed, or whose account is closed, is unavailable and gets no conversations;
// the reference server checks only the availability flag.
pub(crate) fn agents(state: &State, project: Id<Project>) -> impl Iterator<Item = &Arc<Doc<Teammate>>> {
    let team = state.tables.project_users.with(Teammate::of_project(project, true));
    team.filter(|member| is_at_work(state, &member.value()))
}

pub(super) fn is_at_work(state: &State, member: &Teammate) -> bool {
    let user = member.id_user.and_then(|user| state.tables.users.get(user));
    member.is_active() && user.is_some_and(|user| user.value().is_active())
}

/// Whether a teammate has as many requests as its own limit, or else that of the project, allows.
pub(crate) fn is_busy(member: &Teammate, limit: Option<u64>) -> bool {
    limit.is_some_and(|limit| u64::from(member.number_assigned_requests) >= own_limit(member).unwrap_or(limit))
}

/// Maximum number of concurrent requests of a teammate; -1 applies the limit of the project.
fn own_limit(member: &Teammate) -> Option<u64> {
    member.max_assigned_chat.or(member.max_served_chat).and_then(|own| u64::try_from(own).ok())
}

/// Adds whether a teammate is busy: by the greater of the two limits, whether or not the project applies its own.
pub(super) fn show_load(state: &State, doc: &Doc<Teammate>, whole: &mut render::json::Object) {
    let member = doc.value();
    let project = state.tables.projects.get(member.id_project).map(|project| project.value());
    let limit = project.and_then(|project| project.max_chats());
    let load = u64::from(member.number_assigned_requests);
    let is_busy = limit.is_some_and(|limit| load >= limit.max(own_limit(&member).unwrap_or(0)));
    whole.field("isBusy", if is_busy { b"true" } else { b"false" });
}

pub(crate) fn available_agent(state: &State, agent: &Doc<Teammate>) -> Option<AvailableAgent> {
    let agent = agent.value();
    let user = state.tables.users.get(agent.id_user?)?.value();
    Some(AvailableAgent {
        id: user.id,
        firstname: user.firstname.clone(),
        pu_id: agent.id,
        fullname: user.full_name(),
        email: user.email.clone(),
        assigned_request: agent.number_assigned_requests,
    })
}

pub(super) fn list(state: &State, project: Id<Project>, filter: &TeammateFilter) -> Bytes {
    let members = |team| state.tables.project_users.with(Teammate::of_project(project, team));
    let visitors = filter.role.iter().flatten().any(|role| !role.is_team());
    let members = members(true).chain(visitors.then(|| members(false)).into_iter().flatten()).filter(|member| {
        let member = member.value();
        (filter.trashed == Some(true) || !member.trashed)
            && filter.role.as_ref().is_none_or(|roles| roles.contains(&member.role))
            && filter.status.is_none_or(|status| member.status == status)
            && filter.presencestatus.is_none_or(|status| member.presence.status == status)
    });
    render::json::array(members.map(|member| show_with_load(state, member)))
}

pub(super) fn get(state: &State, project: Id<Project>, id: &RawId<Teammate>) -> Result<Bytes> {
    state.find(Some(project), id).map(|doc| show_with_load(state, doc)).ok_or(Error::OBJECT_NOT_FOUND)
}

/// An array with the membership of this user or visitor.
pub(super) fn get_by_user(state: &State, project: Id<Project>, user: &str) -> Result<Bytes> {
    let term = match Id::<User>::parse(user) {
        Some(user) => Teammate::of_user(project, user),
        None => Teammate::of_visitor(project, user),
    };
    let member = state.tables.project_users.find(term).ok_or(Error::OBJECT_NOT_FOUND)?;
    Ok(render::json::array([show_with_load(state, member)]))
}

/// An array with the membership of the caller, with the identifier of the user.
pub(super) fn get_own(state: &State, own: &Doc<Teammate>) -> Bytes {
    render::json::array([show_plain(state, own)])
}

pub(super) fn search(state: &State, project: Id<Project>, search: &TeammateSearch) -> Result<FoundUser> {
    let user = authenticate::user_by_email(state, &search.email).ok_or(Error::OBJECT_NOT_FOUND)?.value().id;
    if state.tables.project_users.find(Teammate::of_user(project, user)).is_none() {
        return Err(Error::forbidden(ErrorBody::bare("msg", "Unauthorized. This is not a your teammate.".into()))); // sic
    }
    Ok(FoundUser { id: user })
}

/// Updates the caller's membership, except for role and status.
pub(super) fn update_own(tx: &mut Tx, by: &Actor, patch: TeammatePatch) -> Result<Bytes> {
    let member = tx.by_id(by.membership.value().id)?;
    apply(tx, by, &member, TeammatePatch { role: None, status: None, ..patch })
}

pub(super) fn update(tx: &mut Tx, by: &Actor, id: &RawId<Teammate>, patch: TeammatePatch) -> Result<Bytes> {
    let member = tx.get(id)?;
    apply(tx, by, &member, patch)
}

fn apply(tx: &mut Tx, by: &Actor, before: &Teammate, patch: TeammatePatch) -> Result<Bytes> {
    may_change(tx.state(), by, before)?;
    let mut member = before.clone();
    let asked = patch.asked();
    let whose = if member.id == by.membership.value().id { Whose::Own } else { Whose::Another };
    let automatic = patch.availability_initiator.as_deref() == Some("system");
    if let Some(role) = patch.role.filter(|role| *role != member.role) {
        may_grant(tx.state(), by, role)?;
        member.role = role;
    }
    member.status = patch.status.unwrap_or(member.status);
    member.user_available = patch.user_available.unwrap_or(member.user_available);
    member.tags = patch.tags.map(|tags| with_ids(tx, tags)).unwrap_or(member.tags);
    overwrite(&mut member.max_served_chat, patch.max_served_chat);
    overwrite(&mut member.max_assigned_chat, patch.max_assigned_chat);
    overwrite(&mut member.attributes, patch.attributes);
    overwrite(&mut member.settings, patch.settings);
    overwrite(&mut member.profile_status, patch.profile_status);
    let member = put(tx, member)?;
    keep_owner(tx, before)?;
    activity::updated(tx, by, &member, (whose, automatic), asked)?;
    Ok(show(tx.state(), &member))
}

/// Adds an `_id` to each tag that has none.
fn with_ids(tx: &mut Tx, mut tags: Vec<JsonObject>) -> Vec<JsonObject> {
    for JsonObject(tag) in &mut tags {
        if tag.get("_id").and_then(Value::as_str).and_then(Id::<JsonObject>::parse).is_none() {
            tag.shift_insert(0, "_id".into(), json!(tx.new_id::<JsonObject>()));
        }
    }
    tags
}

fn put(tx: &mut Tx, member: Teammate) -> Result<Arc<Doc<Teammate>>> {
    let member = tx.put(member)?;
    tx.emit(EventName::TeammateUpdate, &member);
    Ok(member)
}

pub(super) fn delete(tx: &mut Tx, by: &Actor, id: &RawId<Teammate>, removal: &TeammateRemoval) -> Result<Bytes> {
    let member = find(tx, id)?;
    may_change(tx.state(), by, &member)?;
    let removed = remove(tx, by, member.clone(), removal)?;
    keep_owner(tx, &member)?;
    Ok(removed)
}

fn remove(tx: &mut Tx, by: &Actor, mut member: Teammate, removal: &TeammateRemoval) -> Result<Bytes> {
    let is_true = |given: &Option<Text>| given.as_deref() == Some("true");
    if is_true(&removal.soft) {
        member.trashed = true;
        member.status = MemberStatus::Disabled;
        leave_groups(tx, &member)?;
        let member = tx.put(member)?;
        tx.emit(EventName::TeammateDelete, &member);
        activity::removed(tx, by, &member, Removal::Soft)?;
        return Ok(show(tx.state(), &member));
    }
    if is_true(&removal.hard) {
        leave_groups(tx, &member)?;
        let member = tx.remove_by_id(member.id)?;
        tx.emit(EventName::TeammateDelete, &member);
        activity::removed(tx, by, &member, Removal::Hard)?;
        return Ok(show(tx.state(), &member));
    }
    member.status = MemberStatus::Disabled;
    member.user_available = false;
    let member = tx.put(member)?;
    Ok(show(tx.state(), &member))
}

fn leave_groups(tx: &mut Tx, member: &Teammate) -> Result<()> {
    let Some(user) = member.id_user.map(|user| Text::from(user.to_string())) else { return Ok(()) };
    let groups = tx.state().tables.groups.with(Group::of_project(member.id_project));
    let groups: Vec<Group> = groups.map(|group| group.value().into_owned()).collect();
    for mut group in groups.into_iter().filter(|group| group.members.contains(&user)) {
        group.members.retain(|member| *member != user);
        tx.put(group)?;
    }
    Ok(())
}

pub(super) fn restore(tx: &mut Tx, by: &Actor, id: &RawId<Teammate>) -> Result<Bytes> {
    let mut member = find(tx, id)?;
    may_change(tx.state(), by, &member)?;
    if !member.trashed {
        let text = "Project user is not trashed, cannot restore";
        return Err(Error::new(ErrorKind::Malformed, ErrorBody::error(text.into())));
    }
    member.trashed = false;
    member.status = MemberStatus::Active;
    let member = put(tx, member)?;
    Ok(show(tx.state(), &member))
}

fn find(tx: &Tx, id: &RawId<Teammate>) -> Result<Teammate> {
    tx.get(id).map_err(|_| Error::not_found(ErrorBody::error(format!("Project user not found with id {id}").into())))
}

/// A guest without credentials: the requester of a ticket.
pub(super) fn create_guest(tx: &mut Tx, by: &Principal, new: NewGuest) -> Result<Bytes> {
    let (id, project) = (tx.new_id(), tx.project());
    let mut guest = Teammate::new(id, project, Role::Guest, by.id(), tx.now());
    guest.uuid_user = Some(tx.new_uuid().into());
    guest.user_available = false;
    guest.tags = with_ids(tx, new.tags.unwrap_or_default());
    let guest = tx.put(guest)?;
    Ok(show(tx.state(), &guest))
}

/// Recounts the open requests of these participants, and emits an update for each teammate whose count changed.
pub(crate) fn recount<'a>(tx: &mut Tx, who: impl IntoIterator<Item = &'a Participant>) -> Result<()> {
    let project = tx.project();
    for user in who.into_iter().filter_map(Participant::agent) {
        let term = Request::with(RequestIndex::Participant, project, true, &user.to_string());
        let count = u32::try_from(tx.state().tables.requests.count(term)).unwrap_or(u32::MAX);
        let member = tx.find::<Teammate>(Teammate::of_user(project, user));
        if let Some(mut member) = member.filter(|member| member.number_assigned_requests != count) {
            member.number_assigned_requests = count;
            put(tx, member)?;
        }
    }
    Ok(())
}

/// Whether a participant can serve requests of the project: a user with a team role, or a bot.
pub(crate) fn can_serve(state: &State, project: Id<Project>, who: Participant) -> bool {
    match who {
        Participant::Agent(user) => {
            let member = state.tables.project_users.find(Teammate::of_user(project, user));
            member.is_some_and(|member| is_at_work(state, &member.value()) && member.value().role.is_team())
        }
        Participant::Bot(bot) => {
            let bot = state.tables.bots.get(bot);
            bot.is_some_and(|bot: &Arc<Doc<Bot>>| bot.value().id_project == project && !bot.value().trashed)
        }
    }
}
