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
    /// List the project's requests
    ///
    /// Lists the requests of the project that are not closed, sorted by `createdAt` in descending order by default.
    /// Administrators see all requests; agents see those that they serve or could have served. The default page size is
    /// 40 and the maximum 100; a larger `limit` counts as 40, and 0 lists all requests.
    ///
    /// Returns one page of requests.
    #[oai(path = "/requests", method = "get", operation_id = "list_requests")]
    async fn list(&self, member: Member<Agent>, filter: Filter<RequestFilter>) -> Result<Reply<RequestPage>> {
        search::rules::list(&member.scope, Seen::ByRole(&member.actor), &filter.0).map(Reply::new)
    }

    /// Create a request
    ///
    /// Opens a conversation without a message, as imports do. To start an ordinary conversation, send its first message
    /// instead. Creates the lead if there is none, assigns the request by the rules of its department unless
    /// `participants` are given, and emits `request.create`. Visitors can open conversations only as themselves
    /// (otherwise 403). A `request_id` that is already in use returns 409.
    ///
    /// Returns the created request with its bots and the identifiers of its department, lead, and requester.
    #[oai(path = "/requests", method = "post", operation_id = "create_request")]
    async fn create(&self, member: Member<Guest>, body: Body<NewRequest>) -> Result<Reply<CreatedRequest>> {
        open(&member.scope, |tx| open::create(tx, &member.actor, None, body.0.clone())).await
    }
}

pub(crate) struct RequestDetails;

#[OpenApi(tag = "Section::Requests")]
impl RequestDetails {
    /// Create a request by ID
    ///
    /// Same as `create_request`, with the identifier in the path; a `request_id` in the body takes precedence.
    ///
    /// Returns the created request with its bots and the identifiers of its department, lead, and requester.
    #[oai(path = "/requests/:request_id", method = "post", operation_id = "create_request_with_id")]
    async fn create_with_id(
        &self,
        member: Member<Guest>,
        request_id: Path<Text>,
        body: Body<NewRequest>,
    ) -> Result<Reply<CreatedRequest>> {
        open(&member.scope, |tx| open::create(tx, &member.actor, Some(request_id.0.clone()), body.0.clone())).await
    }

    /// Get a request
    ///
    /// Embeds the department, lead, requester, and participants of the request.
    ///
    /// Returns the request.
    #[oai(path = "/requests/:request_id", method = "get", operation_id = "get_request")]
    async fn get(&self, member: Member<Agent>, request_id: Path<Text>) -> Result<Reply<Populated<Request>>> {
        let scope = &member.scope;
        scope.read(|state| rules::get(state, scope.project, &request_id)).map(Reply::new)
    }

    /// Update a request
    ///
    /// Changes only the given fields and emits `request.update`: a status is stored as given, without closing or
    /// assigning the request. Fields that are absent or `null` keep their value.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id", method = "patch", operation_id = "update_request")]
    async fn update(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<RequestPatch>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::update(tx, &request_id, body.0))
    }

    /// Delete a request
    ///
    /// Removes the request and its messages permanently.
    ///
    /// Returns the deleted request.
    #[oai(path = "/requests/:request_id", method = "delete", operation_id = "delete_request")]
    async fn delete(&self, member: Member<OwnerOnly>, request_id: Path<Text>) -> Result<Reply<Request>> {
        member.scope.write(|tx| rules::delete(tx, &request_id)).map(Reply::new)
    }

    /// Update the attributes of a request
    ///
    /// Each key of the body overwrites that attribute; other attributes keep their value. Emits `request.update`.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/attributes", method = "patch", operation_id = "update_request_attributes")]
    async fn update_attributes(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<JsonObject>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::update_attributes(tx, &request_id, body.0))
    }

    /// Rate a request
    ///
    /// Only the member who opened the request can rate it, guests included; a bot can rate a request that it serves,
    /// and a webhook subscription any request. For all other callers the request does not exist (404). A later rating
    /// replaces the earlier one. Emits `request.update`.
    ///
    /// Returns the rated request.
    #[oai(path = "/requests/:request_id/rating", method = "patch", operation_id = "rate_request")]
    async fn rate(
        &self,
        member: Member<Guest>,
        request_id: Path<Text>,
        body: Body<Rating>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::rate(tx, &member.actor, &request_id, body.0))
    }
}

pub(crate) struct ById;

#[OpenApi(tag = "Section::Requests")]
impl ById {
    /// Delete a request by internal ID
    ///
    /// Removes the request and its messages permanently. Only this operation identifies a request by its `_id`.
    ///
    /// Returns the deleted request.
    #[oai(path = "/requests/id/:id", method = "delete", operation_id = "delete_request_by_internal_id")]
    async fn delete(
        &self,
        member: Member<OwnerOnly>,
        /// Identifier of the request assigned by Tiledesk (`_id`).
        id: Path<RawId<Request>>,
    ) -> Result<Reply<Request>> {
        member.scope.write(|tx| rules::delete_by_id(tx, &id)).map(Reply::new)
    }
}

/// Runs a rule that creates a request, and responds with its bots and the identifiers of its references.
async fn open(
    scope: &ProjectScope,
    rule: impl Fn(&mut Tx) -> Result<Arc<Doc<Request>>>,
) -> Result<Reply<CreatedRequest>> {
    let shown = scope.write_with_callouts(|tx| rule(tx).map(|doc| rules::show_new(tx.state(), &doc)));
    shown.await.map(Reply::new)
}
