//! Contents of knowledge bases.

use poem_openapi::OpenApi;

use super::{
    document::Content,
    rules,
    schema::{
        ContentFilter, ContentPage, ContentPatch, ContentUpsert, IndexRemoval, IndexRemoved, IndexingState, NewContent,
        StatusFilter, StatusQuery,
    },
};
use crate::{
    http::{AdminOrProgram, Body, Filter, Member, Path, Reply},
    json_schema::OneOf,
    resource::knowledge::Section,
    value::{RawId, Result},
};

pub(crate) struct Contents;

#[OpenApi(tag = "Section::Contents")]
impl Contents {
    /// List contents
    ///
    /// The contents of a knowledge base, those that were changed last first, page by page. A knowledge base that the
    /// project does not have has none.
    #[oai(path = "/kb", method = "get", operation_id = "list_contents")]
    async fn list(&self, member: Member<AdminOrProgram>, filter: Filter<ContentFilter>) -> Result<Reply<ContentPage>> {
        rules::list(&member.scope, &filter.0).map(Reply::new)
    }

    /// Add a content
    ///
    /// Adds a content to a knowledge base. One of the same kind and source is replaced, wherever it is.
    #[oai(path = "/kb", method = "post", operation_id = "create_content")]
    async fn create(&self, member: Member<AdminOrProgram>, body: Body<NewContent>) -> Result<Reply<ContentUpsert>> {
        member.scope.write(|tx| rules::create(tx, &member.actor, body.0)).map(|done| Reply::of(&done))
    }

    /// Get the indexing state of a content
    ///
    /// How far the content is indexed, or the content itself.
    #[oai(path = "/kb/scrape/status", method = "post", operation_id = "get_content_status")]
    async fn status(
        &self,
        member: Member<AdminOrProgram>,
        filter: Filter<StatusFilter>,
        body: Body<StatusQuery>,
    ) -> Result<Reply<OneOf<IndexingState, Content>>> {
        rules::status(&member.scope, &body.0, &filter.0).map(Reply::new)
    }

    /// Delete the index of a knowledge base
    ///
    /// The contents stay, and questions are not answered from them until they are indexed once more.
    #[oai(path = "/kb/deleteall", method = "delete", operation_id = "delete_all_contents_index")]
    async fn delete_index(
        &self,
        member: Member<AdminOrProgram>,
        body: Body<IndexRemoval>,
    ) -> Result<Reply<IndexRemoved>> {
        member.scope.write(|tx| rules::delete_index(tx, &body.0)).map(|done| Reply::of(&done))
    }
}

pub(crate) struct ContentDetails;

#[OpenApi(tag = "Section::Contents")]
impl ContentDetails {
    /// Get a content
    ///
    /// One content of the project.
    #[oai(path = "/kb/:content_id", method = "get", operation_id = "get_content")]
    async fn get(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the content.
        content_id: Path<RawId<Content>>,
    ) -> Result<Reply<Content>> {
        rules::get(&member.scope, &content_id).map(Reply::new)
    }

    /// Replace a content
    ///
    /// Puts a content in the place of another; what is absent or `null` is as it was. The new content has an identifier of
    /// its own, and is indexed anew.
    #[oai(path = "/kb/:content_id", method = "put", operation_id = "update_content")]
    async fn update(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the content.
        content_id: Path<RawId<Content>>,
        body: Body<ContentPatch>,
    ) -> Result<Reply<Content>> {
        member.scope.write(|tx| rules::update(tx, &content_id, body.0)).map(Reply::new)
    }

    /// Delete a content
    ///
    /// Removes the content for good.
    #[oai(path = "/kb/:content_id", method = "delete", operation_id = "delete_content")]
    async fn delete(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the content.
        content_id: Path<RawId<Content>>,
    ) -> Result<Reply<Content>> {
        member.scope.write(|tx| rules::delete(tx, &member.actor, &content_id)).map(Reply::new)
    }
}
