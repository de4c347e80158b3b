//! Requests: conversations between a visitor and the teammates or bots of a project.

use std::sync::Arc;

use poem_openapi::OpenApi;

use super::respond::change;
use crate::{
    http::{Agent, Body, Filter, Guest, Member, OwnerOnly, Path, Reply},
    json_schema::Populated,
    resource::{
        conversation::open,
        request::{
            Section,
            document::Request,
            rules,
            schema::{CreatedRequest, NewRequest, Rating, RequestPatch},
            search::{
                self,
                rules::Seen,
                schema::{RequestFilter, RequestPage},
            },
        },
    },
    state::{ProjectScope, Tx},
    store::Doc,
    value::{JsonObject, RawId, Result, Text},
};

pub(crate) struct Requests;

#[OpenApi(tag = "Section::Requests")]
impl Requests {
    /// List requests
    ///
    /// The requests of the project that are not closed, newest first, page by page. Administrators see all, agents those that
    /// they serve or could have served. The list is sorted by `createdAt` in descending order and begins with page 0 unless
    /// the query says otherwise. The default page size is 40, the maximum 100; a larger `limit` gives 40, and 0 all requests.
    #[oai(path = "/requests", method = "get", operation_id = "list_requests")]
    async fn list(&self, member: Member<Agent>, filter: Filter<RequestFilter>) -> Result<Reply<RequestPage>> {
        search::rules::list(&member.scope, Seen::ByRole(&member.actor), &filter.0).map(Reply::new)
    }

    /// Create a request
    ///
    /// Opens a conversation without a message, for imports. To begin an ordinary one, send its first message.
    #[oai(path = "/requests", method = "post", operation_id = "create_request")]
    async fn create(&self, member: Member<Guest>, body: Body<NewRequest>) -> Result<Reply<CreatedRequest>> {
        open(&member.scope, |tx| open::create(tx, &member.actor, None, body.0.clone())).await
    }
}

pub(crate) struct RequestDetails;

#[OpenApi(tag = "Section::Requests")]
impl RequestDetails {
    /// Create a request with an id in the path
    ///
    /// The same as creating one; an identifier in the body wins.
    #[oai(path = "/requests/:request_id", method = "post", operation_id = "create_request_with_id")]
    async fn create_with_id(
        &self,
        member: Member<Guest>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<NewRequest>,
    ) -> Result<Reply<CreatedRequest>> {
        open(&member.scope, |tx| open::create(tx, &member.actor, Some(request_id.0.clone()), body.0.clone())).await
    }

    /// Get a request
    ///
    /// The request with its department, lead, requester and participants inside.
    #[oai(path = "/requests/:request_id", method = "get", operation_id = "get_request")]
    async fn get(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Reply<Populated<Request>>> {
        let scope = &member.scope;
        scope.read(|state| rules::get(state, scope.project, &request_id)).map(Reply::new)
    }

    /// Update a request
    ///
    /// Changes the fields that are given and nothing else: a status is written as it is, without closing or assigning.
    #[oai(path = "/requests/:request_id", method = "patch", operation_id = "update_request")]
    async fn update(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<RequestPatch>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::update(tx, &request_id, body.0))
    }

    /// Delete a request
    ///
    /// Removes the request and its messages for good.
    #[oai(path = "/requests/:request_id", method = "delete", operation_id = "delete_request")]
    async fn delete(
        &self,
        member: Member<OwnerOnly>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Reply<Request>> {
        member.scope.write(|tx| rules::delete(tx, &request_id)).map(Reply::new)
    }

    /// Update the attributes of a request
    ///
    /// Each key of the body overwrites that attribute; the others stay.
    #[oai(path = "/requests/:request_id/attributes", method = "patch", operation_id = "update_request_attributes")]
    async fn update_attributes(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<JsonObject>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::update_attributes(tx, &request_id, body.0))
    }

    /// Rate a request
    ///
    /// Only the member who opened the request rates it, guests included; a bot may rate a request that it serves, and a
    /// receiver of webhooks any. For everybody else there is no such request (404). A later rating replaces the earlier one.
    #[oai(path = "/requests/:request_id/rating", method = "patch", operation_id = "rate_request")]
    async fn rate(
        &self,
        member: Member<Guest>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<Rating>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::rate(tx, &member.actor, &request_id, body.0))
    }
}

pub(crate) struct ById;

#[OpenApi(tag = "Section::Requests")]
impl ById {
    /// Delete a request by its internal id
    ///
    /// Removes the request and its messages for good. Here, and only here, it is named by its `_id`.
    #[oai(path = "/requests/id/:id", method = "delete", operation_id = "delete_request_by_internal_id")]
    async fn delete(
        &self,
        member: Member<OwnerOnly>,
        /// Identifier of the request, given by Tiledesk.
        id: Path<RawId<Request>>,
    ) -> Result<Reply<Request>> {
        member.scope.write(|tx| rules::delete_by_id(tx, &id)).map(Reply::new)
    }
}

/// Runs a rule that makes a request, which is answered with the identifiers of what it refers to, and with its bots.
async fn open(
    scope: &ProjectScope,
    rule: impl Fn(&mut Tx) -> Result<Arc<Doc<Request>>>,
) -> Result<Reply<CreatedRequest>> {
    let shown = scope.write_with_callouts(|tx| rule(tx).map(|doc| rules::show_new(tx.state(), &doc)));
    shown.await.map(Reply::new)
}
