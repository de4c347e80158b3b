//! Groups: named sets of teammates to which departments can route conversations.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::Group,
    rules,
    schema::{GroupFilter, GroupPatch, GroupRemoval, NewGroup},
};
use crate::{
    http::{Agent, Body, Filter, Member, Path, Reply, respond},
    value::{RawId, Result},
};

pub(crate) struct Groups;

#[OpenApi(tag = "Section::Groups")]
impl Groups {
    /// List the project's groups
    ///
    /// Lists the groups of the project that are not deleted.
    ///
    /// Returns the groups, oldest first.
    #[oai(path = "/groups", method = "get", operation_id = "list_groups")]
    async fn list(&self, member: Member<Agent>, filter: Filter<GroupFilter>) -> Result<Reply<Vec<Group>>> {
        let scope = &member.scope;
        Ok(Reply::new(scope.read(|state| rules::list(state, scope.project, &filter.0))))
    }

    /// Create a group
    ///
    /// Creates a group and emits `group.create`. Without members, the group is empty.
    ///
    /// Returns the created group.
    #[oai(path = "/groups", method = "post", operation_id = "create_group")]
    async fn create(&self, member: Member<Agent>, body: Body<NewGroup>) -> Result<Reply<Group>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor.caller, body.0)))
    }
}

pub(crate) struct GroupDetails;

#[OpenApi(tag = "Section::Groups")]
impl GroupDetails {
    /// Get a group
    ///
    /// Soft-deleted groups can still be read.
    ///
    /// Returns the group.
    #[oai(path = "/groups/:group_id", method = "get", operation_id = "get_group")]
    async fn get(&self, member: Member<Agent>, group_id: Path<RawId<Group>>) -> Result<Reply<Group>> {
        respond::get(&member.scope, &group_id)
    }

    /// Update a group
    ///
    /// Updates the given fields and emits `group.update`. Fields that are absent or `null` keep their value.
    ///
    /// Returns the updated group.
    #[oai(path = "/groups/:group_id", method = "put", operation_id = "update_group")]
    async fn update(
        &self,
        member: Member<Agent>,
        group_id: Path<RawId<Group>>,
        body: Body<GroupPatch>,
    ) -> Result<Reply<Group>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &group_id, body.0)))
    }

    /// Delete a group
    ///
    /// Soft-deletes the group, excludes it from routing, and emits `group.update`; with `force`, deletes it permanently
    /// and emits `group.delete`. A group to which a department routes cannot be deleted (403).
    ///
    /// Returns the deleted group.
    #[oai(path = "/groups/:group_id", method = "delete", operation_id = "delete_group")]
    async fn delete(
        &self,
        member: Member<Agent>,
        group_id: Path<RawId<Group>>,
        filter: Filter<GroupRemoval>,
    ) -> Result<Reply<Group>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &group_id, &filter.0)))
    }

    /// Enable a group
    ///
    /// Includes the group in routing and emits `group.update`.
    ///
    /// Returns the updated group.
    #[oai(path = "/groups/enable/:group_id", method = "put", operation_id = "enable_group")]
    async fn enable(&self, member: Member<Agent>, group_id: Path<RawId<Group>>) -> Result<Reply<Group>> {
        respond::reply(member.scope.write(|tx| rules::enable(tx, &group_id)))
    }

    /// Disable a group
    ///
    /// Excludes the group from routing and emits `group.update`. A group to which a department routes cannot be
    /// disabled (403).
    ///
    /// Returns the updated group.
    #[oai(path = "/groups/disable/:group_id", method = "put", operation_id = "disable_group")]
    async fn disable(&self, member: Member<Agent>, group_id: Path<RawId<Group>>) -> Result<Reply<Group>> {
        respond::reply(member.scope.write(|tx| rules::disable(tx, &group_id)))
    }
}
