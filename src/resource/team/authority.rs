//! Which changes to the team a member may make. The minimum role of an operation is checked elsewhere.

use super::{document::Teammate, rules::is_at_work};
use crate::{
    identity::Actor,
    resource::project::document::Project,
    state::{Hole, State, Tx},
    value::{
        Error, Id, Result, Role,
        error::{ErrorBody, ErrorKind},
    },
};

/// Fails if the caller may not grant this role.
pub(super) fn may_grant(state: &State, by: &Actor, role: Role) -> Result<()> {
    if role > by.role() && !state.allows(Hole::RolesAboveOwn) {
        return Err(Error::ROLE_TOO_LOW.because("Members can grant roles only up to their own."));
    }
    Ok(())
}

/// Fails if the caller may not change, remove, restore, or ban this member.
pub(crate) fn may_change(state: &State, by: &Actor, member: &Teammate) -> Result<()> {
    if member.role > by.role() && !state.allows(Hole::RolesAboveOwn) {
        let rule = "Members can change, remove, and ban only members whose role is at most their own.";
        return Err(Error::ROLE_TOO_LOW.because(rule));
    }
    Ok(())
}

/// Fails if a change leaves the project without an active owner. `before` is the member before the change.
pub(super) fn keep_owner(tx: &Tx, before: &Teammate) -> Result<()> {
    if !is_owner(before) || has_owner(tx.state(), before.id_project) || tx.allows(Hole::LastOwner) {
        return Ok(());
    }
    let text = "A project must have at least one active owner.";
    Err(Error::new(ErrorKind::Forbidden, ErrorBody::msg(text.into()))
        .because("The last active owner of a project cannot be removed."))
}

fn is_owner(member: &Teammate) -> bool {
    member.role == Role::Owner && member.is_active()
}

fn has_owner(state: &State, project: Id<Project>) -> bool {
    let mut team = state.tables.project_users.with(Teammate::of_project(project, true));
    team.any(|member| is_owner(&member.value()) && is_at_work(state, &member.value()))
}
