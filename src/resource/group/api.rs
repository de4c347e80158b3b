//! Groups: named sets of teammates to whom departments can route conversations.

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
    /// List groups
    ///
    /// The groups of the project that were not deleted.
    #[oai(path = "/groups", method = "get", operation_id = "list_groups")]
    async fn list(&self, member: Member<Agent>, filter: Filter<GroupFilter>) -> Result<Reply<Vec<Group>>> {
        let scope = &member.scope;
        Ok(Reply::new(scope.read(|state| rules::list(state, scope.project, &filter.0))))
    }

    /// Create a group
    ///
    /// Adds a group to the project. Without members it is empty.
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
    /// Deleted groups can still be read.
    #[oai(path = "/groups/:group_id", method = "get", operation_id = "get_group")]
    async fn get(
        &self,
        member: Member<Agent>,
        /// Identifier of the group.
        group_id: Path<RawId<Group>>,
    ) -> Result<Reply<Group>> {
        respond::get(&member.scope, &group_id)
    }

    /// Update a group
    ///
    /// Changes the fields that are given; what is absent or `null` stays as it is.
    #[oai(path = "/groups/:group_id", method = "put", operation_id = "update_group")]
    async fn update(
        &self,
        member: Member<Agent>,
        /// Identifier of the group.
        group_id: Path<RawId<Group>>,
        body: Body<GroupPatch>,
    ) -> Result<Reply<Group>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &group_id, body.0)))
    }

    /// Delete a group
    ///
    /// Hides the group, and takes it out of the routing. A group that a department uses stays.
    #[oai(path = "/groups/:group_id", method = "delete", operation_id = "delete_group")]
    async fn delete(
        &self,
        member: Member<Agent>,
        /// Identifier of the group.
        group_id: Path<RawId<Group>>,
        filter: Filter<GroupRemoval>,
    ) -> Result<Reply<Group>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &group_id, &filter.0)))
    }

    /// Enable a group
    ///
    /// The group takes part in the routing.
    #[oai(path = "/groups/enable/:group_id", method = "put", operation_id = "enable_group")]
    async fn enable(
        &self,
        member: Member<Agent>,
        /// Identifier of the group.
        group_id: Path<RawId<Group>>,
    ) -> Result<Reply<Group>> {
        respond::reply(member.scope.write(|tx| rules::enable(tx, &group_id)))
    }

    /// Disable a group
    ///
    /// The group takes no part in the routing. A group that a department uses stays as it is.
    #[oai(path = "/groups/disable/:group_id", method = "put", operation_id = "disable_group")]
    async fn disable(
        &self,
        member: Member<Agent>,
        /// Identifier of the group.
        group_id: Path<RawId<Group>>,
    ) -> Result<Reply<Group>> {
        respond::reply(member.scope.write(|tx| rules::disable(tx, &group_id)))
    }
}
