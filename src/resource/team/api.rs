//! Operations on the team: the memberships of users in a project, with roles and availability.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::Teammate,
    invitation::{self, document::PendingInvitation},
    rules,
    schema::{
        FoundUser, Invitation, NewGuest, NewInvitation, TeammateFilter, TeammatePatch, TeammateRemoval, TeammateSearch,
    },
};
use crate::{
    http::{Admin, Agent, Body, Filter, Member, Path, Reply, User},
    json_schema::{OneOf, Populated},
    value::{JsonObject, RawId, Result, Text},
};

pub(crate) struct Team;

#[OpenApi(tag = "Section::Team")]
impl Team {
    /// List the team
    ///
    /// Lists the members with team roles, each with its user embedded; visitors are listed only if requested with
    /// `role`. Disabled teammates are included, soft-deleted ones only with `trashed`.
    ///
    /// Returns all matching members.
    #[oai(path = "/project_users", method = "get", operation_id = "list_teammates")]
    async fn list(
        &self,
        member: Member<Agent>,
        filter: Filter<TeammateFilter>,
    ) -> Result<Reply<Vec<Populated<Teammate>>>> {
        let scope = &member.scope;
        Ok(Reply::new(scope.read(|state| rules::list(state, scope.project, &filter.0))))
    }

    /// Create a guest
    ///
    /// Creates a guest member without credentials, used as the requester of a ticket.
    ///
    /// Returns the created guest.
    #[oai(path = "/project_users", method = "post", operation_id = "create_guest_teammate")]
    async fn create_guest(&self, member: Member<Agent>, body: Body<NewGuest>) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::create_guest(tx, &member.actor.caller, body.0)).map(Reply::new)
    }

    /// Update the caller's membership
    ///
    /// Changes the availability and the settings of the caller, and emits `project_user.update`. `role` and `status`
    /// are ignored.
    ///
    /// Returns the updated teammate.
    #[oai(path = "/project_users", method = "put", operation_id = "update_own_teammate")]
    async fn update_own(&self, member: Member<Agent>, body: Body<TeammatePatch>) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::update_own(tx, &member.actor, body.0)).map(Reply::new)
    }

    /// Get the caller's membership
    ///
    /// The response is an array with one element. The user is not embedded but returned as an identifier.
    ///
    /// Returns the membership of the caller.
    #[oai(path = "/project_users/me", method = "get", operation_id = "get_own_teammate")]
    async fn get_own(&self, member: Member<Agent>) -> Result<Reply<Vec<JsonObject>>> {
        Ok(Reply::new(member.scope.read(|state| rules::get_own(state, &member.actor.membership))))
    }

    /// Invite a teammate
    ///
    /// A user with an account becomes a teammate immediately, and `project_user.invite` is emitted. For anyone else, a
    /// pending invitation is stored, which becomes a membership when they sign up. The role must be at most the
    /// caller's own, and the user must be neither the caller nor already a teammate (otherwise 403). A missing role, or
    /// a second invitation of the same address, returns 200 with `success: false`.
    ///
    /// Returns the new teammate, or the pending invitation.
    // No mail is sent.
    #[oai(path = "/project_users/invite", method = "post", operation_id = "invite_teammate")]
    async fn invite(
        &self,
        member: Member<Admin>,
        body: Body<NewInvitation>,
    ) -> Result<Reply<OneOf<Populated<Teammate>, Invitation>>> {
        member.scope.write(|tx| invitation::rules::invite(tx, &member.actor, &body.0)).map(Reply::new)
    }

    /// List pending invitations
    ///
    /// Lists the invitations of people who have not signed up yet.
    ///
    /// Returns all pending invitations, oldest first.
    #[oai(path = "/pendinginvitations", method = "get", operation_id = "list_pending_invitations")]
    async fn list_pending(&self, member: Member<Agent>) -> Result<Reply<Vec<PendingInvitation>>> {
        let scope = &member.scope;
        Ok(Reply::new(scope.read(|state| invitation::rules::pending(state, scope.project))))
    }

    /// Find a teammate by email
    ///
    /// An address without an account returns 404, and a user who is not a member of the project 403.
    ///
    /// Returns the identifier of the user.
    #[oai(path = "/project_users/users/search", method = "get", operation_id = "search_teammate")]
    async fn search(&self, member: Member<User>, filter: Filter<TeammateSearch>) -> Result<Reply<FoundUser>> {
        let scope = &member.scope;
        scope.read(|state| rules::search(state, scope.project, &filter.0)).map(|found| Reply::of(&found))
    }

    /// Get a teammate by user ID
    ///
    /// The response is an array with one element. Visitors can be looked up as well.
    ///
    /// Returns the membership of the user or visitor.
    #[oai(path = "/project_users/users/:user_id", method = "get", operation_id = "get_teammate_by_user")]
    async fn get_by_user(
        &self,
        member: Member<Agent>,
        /// Identifier of a user or visitor.
        user_id: Path<Text>,
    ) -> Result<Reply<Vec<Populated<Teammate>>>> {
        let scope = &member.scope;
        scope.read(|state| rules::get_by_user(state, scope.project, &user_id)).map(Reply::new)
    }
}

pub(crate) struct TeammateDetails;

#[OpenApi(tag = "Section::Team")]
impl TeammateDetails {
    /// Get a teammate
    ///
    /// The user is embedded as `id_user`.
    ///
    /// Returns the teammate.
    #[oai(path = "/project_users/:project_user_id", method = "get", operation_id = "get_teammate")]
    async fn get(
        &self,
        member: Member<Agent>,
        project_user_id: Path<RawId<Teammate>>,
    ) -> Result<Reply<Populated<Teammate>>> {
        let scope = &member.scope;
        scope.read(|state| rules::get(state, scope.project, &project_user_id)).map(Reply::new)
    }

    /// Update a teammate
    ///
    /// Changes the given fields and emits `project_user.update`. Fields that are absent or `null` keep their value. The
    /// current and the new role of the teammate must be at most the caller's own, and the last active owner of a
    /// project cannot be demoted or disabled (otherwise 403).
    ///
    /// Returns the updated teammate.
    #[oai(path = "/project_users/:project_user_id", method = "put", operation_id = "update_teammate")]
    async fn update(
        &self,
        member: Member<Admin>,
        project_user_id: Path<RawId<Teammate>>,
        body: Body<TeammatePatch>,
    ) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::update(tx, &member.actor, &project_user_id, body.0)).map(Reply::new)
    }

    /// Remove a teammate
    ///
    /// Disables the teammate. With `soft`, the teammate is also hidden and can be restored; with `hard`, the membership
    /// is removed permanently. Both remove the teammate from all groups and emit `project_user.delete`. The role of the
    /// teammate must be at most the caller's own, and the last active owner of a project cannot be removed (otherwise
    /// 403).
    ///
    /// Returns the removed teammate.
    #[oai(path = "/project_users/:project_user_id", method = "delete", operation_id = "delete_teammate")]
    async fn delete(
        &self,
        member: Member<Admin>,
        project_user_id: Path<RawId<Teammate>>,
        filter: Filter<TeammateRemoval>,
    ) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::delete(tx, &member.actor, &project_user_id, &filter.0)).map(Reply::new)
    }

    /// Restore a teammate
    ///
    /// Restores a soft-deleted teammate (otherwise 400) and emits `project_user.update`. Group memberships are not
    /// restored. The role of the teammate must be at most the caller's own (otherwise 403).
    ///
    /// Returns the restored teammate.
    #[oai(path = "/project_users/:project_user_id/restore", method = "put", operation_id = "restore_teammate")]
    async fn restore(
        &self,
        member: Member<Admin>,
        project_user_id: Path<RawId<Teammate>>,
    ) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::restore(tx, &member.actor, &project_user_id)).map(Reply::new)
    }
}
