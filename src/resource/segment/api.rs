//! Operations on segments: named sets of leads.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::Segment,
    rules,
    schema::{NewSegment, SegmentPage, SegmentPatch},
};
use crate::{
    http::{Agent, Body, Filter, Member, Pagination, Path, Reply, respond},
    state::query::Selection,
    value::{RawId, Result},
};

pub(crate) struct Segments;

#[OpenApi(tag = "Section::Segments")]
impl Segments {
    /// List the project's segments
    ///
    /// Lists the segments of the project that are not deleted, newest first by default.
    ///
    /// Returns one page of segments.
    #[oai(path = "/segments", method = "get", operation_id = "list_segments")]
    async fn list(&self, member: Member<Agent>, filter: Filter<Pagination>) -> Result<Reply<SegmentPage>> {
        let live = Selection::<Segment>::of(vec![vec![Segment::of_project(member.scope.project)]]);
        Ok(respond::page(&member.scope, live, filter.0.page(rules::PER_PAGE)))
    }

    /// Create a segment
    ///
    /// Adds a segment to the project. The `segment` parameter of `list_leads` then accepts its identifier.
    ///
    /// Returns the created segment.
    #[oai(path = "/segments", method = "post", operation_id = "create_segment")]
    async fn create(&self, member: Member<Agent>, body: Body<NewSegment>) -> Result<Reply<Segment>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor.caller, body.0)))
    }
}

pub(crate) struct SegmentDetails;

#[OpenApi(tag = "Section::Segments")]
impl SegmentDetails {
    /// Get a segment
    ///
    /// Deleted segments can still be read.
    ///
    /// Returns the segment.
    #[oai(path = "/segments/:segment_id", method = "get", operation_id = "get_segment")]
    async fn get(&self, member: Member<Agent>, segment_id: Path<RawId<Segment>>) -> Result<Reply<Segment>> {
        respond::get(&member.scope, &segment_id)
    }

    /// Update a segment
    ///
    /// Changes the given fields. Fields that are absent or `null` keep their value.
    ///
    /// Returns the updated segment.
    #[oai(path = "/segments/:segment_id", method = "put", operation_id = "update_segment")]
    async fn update(
        &self,
        member: Member<Agent>,
        segment_id: Path<RawId<Segment>>,
        body: Body<SegmentPatch>,
    ) -> Result<Reply<Segment>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &segment_id, body.0)))
    }

    /// Delete a segment
    ///
    /// Sets the status to 0: the segment no longer appears in lists but can still be read, and used to filter leads.
    ///
    /// Returns the deleted segment.
    #[oai(path = "/segments/:segment_id", method = "delete", operation_id = "delete_segment")]
    async fn delete(&self, member: Member<Agent>, segment_id: Path<RawId<Segment>>) -> Result<Reply<Segment>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &segment_id)))
    }
}
