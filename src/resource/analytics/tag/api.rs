//! How often tags are given.

use poem_openapi::OpenApi;

use super::{
    model::{TagDays, TagSeries},
    rules,
};
use crate::{
    http::{Admin, Filter, Member, Path, Reply},
    resource::analytics::Section,
    world::{Result, Text},
};

pub(crate) struct TagCounts;

#[OpenApi(tag = "Section::Analytics")]
impl TagCounts {
    /// Count tags by day
    ///
    /// How often each tag was given to conversations, by the days on which these were created, as the series of a chart.
    #[oai(path = "/analytics/tags/:type", method = "get", operation_id = "get_tag_analytics")]
    async fn series(
        &self,
        member: Member<Admin>,
        /// Kind of tags. There is one, whatever it is called: those of conversations.
        #[oai(name = "type")]
        _kind: Path<Text>,
        filter: Filter<TagDays>,
    ) -> Result<Reply<TagSeries>> {
        rules::series(&member.scope, &filter.0).map(|series| Reply::of(&series))
    }
}
