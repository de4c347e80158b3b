//! Operations on tags: names and colors that a project offers for its requests and leads.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::ProjectTag,
    rules,
    schema::{NewProjectTag, ProjectTagPatch},
};
use crate::{
    http::{Agent, Body, Filter, Member, Path, Reply, SortedPage, respond},
    resource::removal::{self, Removal},
    state::query::Selection,
    value::{RawId, Result},
};

pub(crate) struct Tags;

#[OpenApi(tag = "Section::Tags")]
impl Tags {
    /// List the project's tags
    ///
    /// Lists the tags of the project, newest first by default, 40 per page.
    ///
    /// Returns one page of tags.
    #[oai(path = "/tags", method = "get", operation_id = "list_tags")]
    async fn list(&self, member: Member<Agent>, filter: Filter<SortedPage>) -> Result<Reply<Vec<ProjectTag>>> {
        let all = Selection::of(vec![vec![ProjectTag::of_project(member.scope.project)]]);
        Ok(respond::list(&member.scope.sandbox.state(), all, filter.0.page(rules::PER_PAGE)))
    }

    /// Create a tag
    ///
    /// Adds a tag to the project. If the project already has a tag with this name, it is returned unchanged.
    ///
    /// Returns the created or existing tag.
    #[oai(path = "/tags", method = "post", operation_id = "create_tag")]
    async fn create(&self, member: Member<Agent>, body: Body<NewProjectTag>) -> Result<Reply<ProjectTag>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor.caller, body.0)))
    }
}

pub(crate) struct TagDetails;

#[OpenApi(tag = "Section::Tags")]
impl TagDetails {
    /// Get a tag
    ///
    /// Includes the color and the custom attributes of the tag.
    ///
    /// Returns the tag.
    #[oai(path = "/tags/:tag_id", method = "get", operation_id = "get_tag")]
    async fn get(&self, member: Member<Agent>, tag_id: Path<RawId<ProjectTag>>) -> Result<Reply<ProjectTag>> {
        respond::get(&member.scope, &tag_id)
    }

    /// Update a tag
    ///
    /// Changes the given fields. Fields that are absent or `null` keep their value. Requests and leads that already
    /// have the tag keep it as it was.
    ///
    /// Returns the updated tag.
    #[oai(path = "/tags/:tag_id", method = "put", operation_id = "update_tag")]
    async fn update(
        &self,
        member: Member<Agent>,
        tag_id: Path<RawId<ProjectTag>>,
        body: Body<ProjectTagPatch>,
    ) -> Result<Reply<ProjectTag>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &tag_id, body.0)))
    }

    /// Delete a tag
    ///
    /// Removes the tag permanently. Requests and leads that already have the tag keep it.
    ///
    /// Returns the number of removed objects.
    #[oai(path = "/tags/:tag_id", method = "delete", operation_id = "delete_tag")]
    async fn delete(&self, member: Member<Agent>, tag_id: Path<RawId<ProjectTag>>) -> Result<Reply<Removal>> {
        member.scope.write(|tx| tx.remove(&tag_id))?;
        Ok(removal::removed())
    }
}
