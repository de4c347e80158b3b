//! Canned responses: texts that the team picks while it chats.

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
    /// Those that are shared with the team and the caller's own, newest first, 1,000 a page. Deleted ones are left out.
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
    /// What owners and administrators create is shared with the team. What agents create is their own, unless they share
    /// it.
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
    /// Only who created it may, also after it was deleted.
    #[oai(path = "/canned/:canned_response_id", method = "get", operation_id = "get_canned_response")]
    async fn get(
        &self,
        member: Member<HumanAgent>,
        /// Identifier of the canned response.
        canned_response_id: Path<RawId<CannedResponse>>,
    ) -> Result<Reply<CannedResponse>> {
        let scope = &member.scope;
        respond::reply(scope.read(|state| rules::get(state, scope.project, &member.actor, &canned_response_id)))
    }

    /// Update a canned response
    ///
    /// Changes the fields that are given; what is absent or `null` stays as it is. Agents change their own, owners and
    /// administrators the shared ones.
    #[oai(path = "/canned/:canned_response_id", method = "put", operation_id = "update_canned_response")]
    async fn update(
        &self,
        member: Member<HumanAgent>,
        /// Identifier of the canned response.
        canned_response_id: Path<RawId<CannedResponse>>,
        body: Body<CannedResponsePatch>,
    ) -> Result<Reply<CannedResponse>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &member.actor, &canned_response_id, body.0)))
    }

    /// Delete a canned response
    ///
    /// The response gets status 1000: it leaves the lists and can still be read by its id. Agents delete their own,
    /// owners and administrators the shared ones.
    #[oai(path = "/canned/:canned_response_id", method = "delete", operation_id = "delete_canned_response")]
    async fn delete(
        &self,
        member: Member<HumanAgent>,
        /// Identifier of the canned response.
        canned_response_id: Path<RawId<CannedResponse>>,
    ) -> Result<Reply<CannedResponse>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &member.actor, &canned_response_id)))
    }

    /// Delete a canned response physically
    ///
    /// Removes the response for good, for who may delete it.
    #[oai(
        path = "/canned/:canned_response_id/physical",
        method = "delete",
        operation_id = "delete_canned_response_physically"
    )]
    async fn delete_physically(
        &self,
        member: Member<HumanAgent>,
        /// Identifier of the canned response.
        canned_response_id: Path<RawId<CannedResponse>>,
    ) -> Result<Reply<Removal>> {
        member.scope.write(|tx| rules::delete_physically(tx, &member.actor, &canned_response_id))?;
        Ok(removal::removed())
    }
}
