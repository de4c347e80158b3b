//! The end of a request, and its return.

use poem_openapi::OpenApi;

use super::{model::Closing, rules};
use crate::{
    http::{Agent, Body, Guest, Member, Path, Populated, Reply},
    resource::request::{Section, api::change, model::Request},
    world::{Result, Text},
};

pub(crate) struct Closings;

#[OpenApi(tag = "Section::Requests")]
impl Closings {
    /// Close a request
    ///
    /// Sets the status to 1000 and writes the transcript. Agents and bots must participate in the conversation (otherwise 403);
    /// administrators, owners, and receivers of webhooks need not. Closing a closed request sends `request.close` again and
    /// leaves the request as it is unless `force` is true.
    #[oai(path = "/requests/:request_id/close", method = "put", operation_id = "close_request")]
    async fn close(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<Closing>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::close(tx, &member.actor, &request_id, &body.0))
    }

    /// Close a request as a visitor
    ///
    /// The widget calls it. Visitors close only the conversations that they opened (otherwise 403).
    #[oai(path = "/requests/:request_id/closeg", method = "put", operation_id = "close_request_as_guest")]
    async fn close_as_guest(
        &self,
        member: Member<Guest>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<Closing>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::close_as_guest(tx, &member.actor, &request_id, &body.0))
    }

    /// Reopen a request
    ///
    /// The request is unserved from then on, whoever participates. An open one stays as it is.
    #[oai(path = "/requests/:request_id/reopen", method = "put", operation_id = "reopen_request")]
    async fn reopen(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::reopen(tx, &request_id))
    }
}
