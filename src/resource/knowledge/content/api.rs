//! Operations on the contents of knowledge bases.

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
    /// List knowledge base contents
    ///
    /// Lists the contents of a knowledge base, most recently changed first by default. `namespace` is required
    /// (otherwise 400); the list is empty for a knowledge base that the project does not have.
    ///
    /// Returns one page of contents.
    #[oai(path = "/kb", method = "get", operation_id = "list_contents")]
    async fn list(&self, member: Member<AdminOrProgram>, filter: Filter<ContentFilter>) -> Result<Reply<ContentPage>> {
        rules::list(&member.scope, &filter.0).map(Reply::new)
    }

    /// Add a content item
    ///
    /// Adds a content item to a knowledge base and queues it for indexing. If the project already has an item of the
    /// same `type` and `source`, it is replaced, even if it is in another knowledge base. Exceeding the plan's limit on
    /// contents returns 403.
    ///
    /// Returns the outcome of the upsert and the stored content item.
    #[oai(path = "/kb", method = "post", operation_id = "create_content")]
    async fn create(&self, member: Member<AdminOrProgram>, body: Body<NewContent>) -> Result<Reply<ContentUpsert>> {
        member.scope.write(|tx| rules::create(tx, &member.actor, body.0)).map(|done| Reply::of(&done))
    }

    /// Get the indexing state
    ///
    /// Looks up a content item of a knowledge base (otherwise 404). With `returnObject` set to `true`, the item itself
    /// is returned.
    ///
    /// Returns the indexing state of the content item, or the item itself.
    #[oai(path = "/kb/scrape/status", method = "post", operation_id = "get_content_status")]
    async fn status(
        &self,
        member: Member<AdminOrProgram>,
        filter: Filter<StatusFilter>,
        body: Body<StatusQuery>,
    ) -> Result<Reply<OneOf<IndexingState, Content>>> {
        rules::status(&member.scope, &body.0, &filter.0).map(Reply::new)
    }

    /// Delete a knowledge base index
    ///
    /// Keeps the contents, but questions are not answered from them until they are indexed again.
    ///
    /// Returns a confirmation.
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
    /// Get a content item
    ///
    /// The `status` of the item is its indexing state at the time of the call.
    ///
    /// Returns the content item.
    #[oai(path = "/kb/:content_id", method = "get", operation_id = "get_content")]
    async fn get(&self, member: Member<AdminOrProgram>, content_id: Path<RawId<Content>>) -> Result<Reply<Content>> {
        rules::get(&member.scope, &content_id).map(Reply::new)
    }

    /// Replace a content item
    ///
    /// Replaces a content item with a new one, which gets a new identifier and is indexed again. Fields that are absent
    /// or `null` keep their value. Other items of the knowledge base with the same `type` and `source` are removed.
    /// `namespace` is required (otherwise 400).
    ///
    /// Returns the new content item.
    #[oai(path = "/kb/:content_id", method = "put", operation_id = "update_content")]
    async fn update(
        &self,
        member: Member<AdminOrProgram>,
        content_id: Path<RawId<Content>>,
        body: Body<ContentPatch>,
    ) -> Result<Reply<Content>> {
        member.scope.write(|tx| rules::update(tx, &content_id, body.0)).map(Reply::new)
    }

    /// Delete a content item
    ///
    /// Removes the content item permanently.
    ///
    /// Returns the deleted content item.
    #[oai(path = "/kb/:content_id", method = "delete", operation_id = "delete_content")]
    async fn delete(&self, member: Member<AdminOrProgram>, content_id: Path<RawId<Content>>) -> Result<Reply<Content>> {
        member.scope.write(|tx| rules::delete(tx, &member.actor, &content_id)).map(Reply::new)
    }
}
