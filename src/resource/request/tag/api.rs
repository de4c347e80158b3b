//! Operations on the tags of a request.

use poem_openapi::OpenApi;

use super::{rules, schema::NewRequestTag};
use crate::{
    http::{Agent, Body, Member, Path, Reply},
    json_schema::Populated,
    resource::request::{Section, document::Request, respond::change},
    value::{Result, Text},
};

pub(crate) struct RequestTags;

#[OpenApi(tag = "Section::Requests")]
impl RequestTags {
    /// Add tags to a request
    ///
    /// Emits `request.update`. Tags with a name that the request already has are not added again; an empty list returns
    /// 400.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/tag", method = "put", operation_id = "add_request_tags")]
    async fn add(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<Vec<NewRequestTag>>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::add(tx, &request_id, body.0))
    }

    /// Remove a tag from a request
    ///
    /// Emits `request.update`. Removing a tag that the request does not have changes nothing.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/tag/:tag_id", method = "delete", operation_id = "remove_request_tag")]
    async fn remove(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        /// Identifier of the tag in the request (`_id`).
        tag_id: Path<Text>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::remove(tx, &request_id, &tag_id))
    }
}
