//! Canned responses: reusable texts that teammates insert while chatting.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::CannedResponse,
    rules,
    schema::{CannedResponseFilter, CannedResponsePatch, NewCannedResponse},
};
use crate::{
    http::{Body, Filter, HumanAgent, Member, Path, Reply, respond},
    resource::removal::{self, Removal},
    value::{RawId, Result},
};

pub(crate) struct CannedResponses;

#[OpenApi(tag = "Section::CannedResponses")]
impl CannedResponses {
    /// List canned responses
    ///
    /// Lists the canned responses shared with the team and the caller's own, 1000 per page. Deleted ones are omitted.
    /// Bots and subscriptions cannot call this operation (403).
    ///
    /// Returns one page of canned responses, newest first.
    #[oai(path = "/canned", method = "get", operation_id = "list_canned_responses")]
    async fn list(
        &self,
        member: Member<HumanAgent>,
        filter: Filter<CannedResponseFilter>,
    ) -> Result<Reply<Vec<CannedResponse>>> {
        let visible = rules::visible(member.scope.project, &member.actor, &filter.0);
        Ok(respond::list(&member.scope.sandbox.state(), visible, filter.0.pages.page(rules::PER_PAGE)))
    }

    /// Create a canned response
    ///
    /// Canned responses of owners and administrators are shared with the team. Those of agents and supervisors are
    /// private unless `shared` is `true`. Bots and subscriptions cannot call this operation (403).
    ///
    /// Returns the created canned response.
    #[oai(path = "/canned", method = "post", operation_id = "create_canned_response")]
    async fn create(&self, member: Member<HumanAgent>, body: Body<NewCannedResponse>) -> Result<Reply<CannedResponse>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor, body.0)))
    }
}

pub(crate) struct CannedResponseDetails;

#[OpenApi(tag = "Section::CannedResponses")]
impl CannedResponseDetails {
    /// Get a canned response
    ///
    /// Only its creator can read a canned response by its identifier (otherwise 403), even after it was deleted. Bots
    /// and subscriptions cannot call this operation (403).
    ///
    /// Returns the canned response.
    #[oai(path = "/canned/:canned_response_id", method = "get", operation_id = "get_canned_response")]
    async fn get(
        &self,
        member: Member<HumanAgent>,
        canned_response_id: Path<RawId<CannedResponse>>,
    ) -> Result<Reply<CannedResponse>> {
        let scope = &member.scope;
        respond::reply(scope.read(|state| rules::get(state, scope.project, &member.actor, &canned_response_id)))
    }

    /// Update a canned response
    ///
    /// Updates the given fields. Fields that are absent or `null` keep their value. Agents can update their own canned
    /// responses, owners and administrators shared ones (otherwise 403), supervisors both (otherwise 401). Bots and
    /// subscriptions cannot call this operation (403).
    ///
    /// Returns the updated canned response.
    #[oai(path = "/canned/:canned_response_id", method = "put", operation_id = "update_canned_response")]
    async fn update(
        &self,
        member: Member<HumanAgent>,
        canned_response_id: Path<RawId<CannedResponse>>,
        body: Body<CannedResponsePatch>,
    ) -> Result<Reply<CannedResponse>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &member.actor, &canned_response_id, body.0)))
    }

    /// Delete a canned response
    ///
    /// Sets `status` to 1000: lists omit the canned response, but its creator can still read it by its identifier.
    /// Agents can delete their own canned responses, owners and administrators shared ones (otherwise 403), supervisors
    /// both (otherwise 401). Bots and subscriptions cannot call this operation (403).
    ///
    /// Returns the deleted canned response.
    #[oai(path = "/canned/:canned_response_id", method = "delete", operation_id = "delete_canned_response")]
    async fn delete(
        &self,
        member: Member<HumanAgent>,
        canned_response_id: Path<RawId<CannedResponse>>,
    ) -> Result<Reply<CannedResponse>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &member.actor, &canned_response_id)))
    }

    /// Delete a canned response permanently
    ///
    /// Removes the canned response. The same permissions apply as for deleting it. Bots and subscriptions cannot call
    /// this operation (403).
    ///
    /// Returns the number of removed objects.
    #[oai(
        path = "/canned/:canned_response_id/physical",
        method = "delete",
        operation_id = "delete_canned_response_physically"
    )]
    async fn delete_physically(
        &self,
        member: Member<HumanAgent>,
        canned_response_id: Path<RawId<CannedResponse>>,
    ) -> Result<Reply<Removal>> {
        member.scope.write(|tx| rules::delete_physically(tx, &member.actor, &canned_response_id))?;
        Ok(removal::removed())
    }
}
