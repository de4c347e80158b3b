//! The team: the memberships of users in a project, with role and availability.

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
    /// The teammates with the users inside. Disabled ones are listed too, those that were removed softly only on demand.
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
    /// A member as whom nobody is signed in: the requester of a ticket.
    #[oai(path = "/project_users", method = "post", operation_id = "create_guest_teammate")]
    async fn create_guest(&self, member: Member<Agent>, body: Body<NewGuest>) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::create_guest(tx, &member.actor.caller, body.0)).map(Reply::new)
    }

    /// Update the own teammate
    ///
    /// Changes the availability and the settings of the caller. The own role is not the caller's to change.
    #[oai(path = "/project_users", method = "put", operation_id = "update_own_teammate")]
    async fn update_own(&self, member: Member<Agent>, body: Body<TeammatePatch>) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::update_own(tx, &member.actor, body.0)).map(Reply::new)
    }

    /// Get the own teammate
    ///
    /// An array with the caller's membership.
    #[oai(path = "/project_users/me", method = "get", operation_id = "get_own_teammate")]
    async fn get_own(&self, member: Member<Agent>) -> Result<Reply<Vec<JsonObject>>> {
        Ok(Reply::new(member.scope.read(|state| rules::get_own(state, &member.actor.membership))))
    }

    /// Invite somebody to the team
    ///
    /// Whoever has an account becomes a teammate at once. For others the answer holds a pending invitation, which becomes
    /// a membership when they sign up; no mail is sent.
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
    /// The invitations of people who have not signed up yet, oldest first.
    #[oai(path = "/pendinginvitations", method = "get", operation_id = "list_pending_invitations")]
    async fn list_pending(&self, member: Member<Agent>) -> Result<Reply<Vec<PendingInvitation>>> {
        let scope = &member.scope;
        Ok(Reply::new(scope.read(|state| invitation::rules::pending(state, scope.project))))
    }

    /// Find a teammate by e-mail address
    ///
    /// Answers the identifier of the user.
    #[oai(path = "/project_users/users/search", method = "get", operation_id = "search_teammate")]
    async fn search(&self, member: Member<User>, filter: Filter<TeammateSearch>) -> Result<Reply<FoundUser>> {
        let scope = &member.scope;
        scope.read(|state| rules::search(state, scope.project, &filter.0)).map(|found| Reply::of(&found))
    }

    /// Get a teammate by user id
    ///
    /// An array with the one member who is this user, or this visitor.
    #[oai(path = "/project_users/users/:user_id", method = "get", operation_id = "get_teammate_by_user")]
    async fn get_by_user(
        &self,
        member: Member<Agent>,
        /// Identifier of a user, or of a visitor.
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
    /// The membership with the user inside.
    #[oai(path = "/project_users/:project_user_id", method = "get", operation_id = "get_teammate")]
    async fn get(
        &self,
        member: Member<Agent>,
        /// Identifier of the teammate.
        project_user_id: Path<RawId<Teammate>>,
    ) -> Result<Reply<Populated<Teammate>>> {
        let scope = &member.scope;
        scope.read(|state| rules::get(state, scope.project, &project_user_id)).map(Reply::new)
    }

    /// Update a teammate
    ///
    /// Changes the fields that are given; what is absent or `null` stays as it is. The role of the teammate and the new one are at
    /// most the caller's own (otherwise 403), and the last active owner of a project cannot be demoted or disabled.
    #[oai(path = "/project_users/:project_user_id", method = "put", operation_id = "update_teammate")]
    async fn update(
        &self,
        member: Member<Admin>,
        /// Identifier of the teammate.
        project_user_id: Path<RawId<Teammate>>,
        body: Body<TeammatePatch>,
    ) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::update(tx, &member.actor, &project_user_id, body.0)).map(Reply::new)
    }

    /// Remove a teammate
    ///
    /// Disables the teammate; with `soft` it is hidden and can be restored, with `hard` it is gone. The role of the teammate is at
    /// most the caller's own (otherwise 403), and the last active owner of a project stays.
    #[oai(path = "/project_users/:project_user_id", method = "delete", operation_id = "delete_teammate")]
    async fn delete(
        &self,
        member: Member<Admin>,
        /// Identifier of the teammate.
        project_user_id: Path<RawId<Teammate>>,
        filter: Filter<TeammateRemoval>,
    ) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::delete(tx, &member.actor, &project_user_id, &filter.0)).map(Reply::new)
    }

    /// Restore a teammate
    ///
    /// Brings a teammate back that was removed softly. Groups are not joined again. The role of the teammate is at most the
    /// caller's own (otherwise 403).
    #[oai(path = "/project_users/:project_user_id/restore", method = "put", operation_id = "restore_teammate")]
    async fn restore(
        &self,
        member: Member<Admin>,
        /// Identifier of the teammate.
        project_user_id: Path<RawId<Teammate>>,
    ) -> Result<Reply<Populated<Teammate>>> {
        member.scope.write(|tx| rules::restore(tx, &member.actor, &project_user_id)).map(Reply::new)
    }
}
