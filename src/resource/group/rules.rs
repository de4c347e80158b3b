//! Rules for groups.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    document::Group,
    schema::{GroupFilter, GroupPatch, GroupRemoval, NewGroup},
};
use crate::{
    identity::Principal,
    render,
    resource::{department::document::Department, project::document::Project},
    state::{State, Tx, event::EventName},
    store::Doc,
    value::{Error, Id, RawId, Result, error::ErrorBody, patch::overwrite},
};

pub(super) fn list(state: &State, project: Id<Project>, filter: &GroupFilter) -> Bytes {
    let wanted = |group: &Group| match &filter.member {
        None => true,
        Some(users) => group.members.iter().any(|member| users.contains(member)),
    };
    let groups = state.tables.groups.with(Group::of_project(project)).filter(|group| wanted(&group.value()));
    render::json::array(groups.map(|group| group.json()))
}

pub(super) fn create(tx: &mut Tx, by: &Principal, new: NewGroup) -> Result<Arc<Doc<Group>>> {
    let group = Group {
        id: tx.new_id(),
        name: new.name,
        members: new.members.unwrap_or_default(),
        trashed: false,
        enabled: true,
        attributes: None,
        id_project: tx.project(),
        created_by: by.id(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    };
    put(tx, group, EventName::GroupCreate)
}

pub(super) fn update(tx: &mut Tx, id: &RawId<Group>, patch: GroupPatch) -> Result<Arc<Doc<Group>>> {
    let mut group = tx.get(id)?;
    group.name = patch.name.unwrap_or(group.name);
    group.members = patch.members.unwrap_or(group.members);
    group.trashed = patch.trashed.unwrap_or(group.trashed);
    overwrite(&mut group.attributes, patch.attributes);
    put(tx, group, EventName::GroupUpdate)
}

pub(super) fn delete(tx: &mut Tx, id: &RawId<Group>, removal: &GroupRemoval) -> Result<Arc<Doc<Group>>> {
    let mut group = tx.get(id)?;
    unused(tx, &group, "Unable to delete a group associated with a department")?;
    if removal.force.as_deref() == Some("true") {
        let group = tx.remove(id)?;
        tx.emit(EventName::GroupDelete, &group);
        return Ok(group);
    }
    group.trashed = true;
    group.enabled = false;
    put(tx, group, EventName::GroupUpdate)
}

pub(super) fn enable(tx: &mut Tx, id: &RawId<Group>) -> Result<Arc<Doc<Group>>> {
    let mut group = tx.get(id)?;
    group.enabled = true;
    put(tx, group, EventName::GroupUpdate)
}

pub(super) fn disable(tx: &mut Tx, id: &RawId<Group>) -> Result<Arc<Doc<Group>>> {
    let mut group = tx.get(id)?;
    unused(tx, &group, "Unable to disabled a group associated with a department")?; // sic
    group.enabled = false;
    put(tx, group, EventName::GroupUpdate)
}

/// Fails if a department routes to the group.
fn unused(tx: &Tx, group: &Group, words: &'static str) -> Result<()> {
    match tx.state().tables.departments.find(Department::of_group(group.id)) {
        Some(_) => Err(Error::forbidden(ErrorBody::error(words.into()))),
        None => Ok(()),
    }
}

fn put(tx: &mut Tx, group: Group, event: EventName) -> Result<Arc<Doc<Group>>> {
    let group = tx.put(group)?;
    tx.emit(event, &group);
    Ok(group)
}
