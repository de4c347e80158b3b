//! Sitemaps, and what is indexed anew.

use poem_openapi::OpenApi;

use super::{
    model::{NewSitemap, Reindexed, Reindexing, Sitemap, SitemapPages},
    rules,
};
use crate::{
    http::{AdminOrProgram, Body, Filter, Member, Reply},
    resource::knowledge::{
        Section,
        content::model::{Content, NamespaceQuery},
    },
    world::Result,
};

pub(crate) struct Sitemaps;

#[OpenApi(tag = "Section::Contents")]
impl Sitemaps {
    /// Expand a sitemap
    ///
    /// The addresses of the pages that a sitemap names. Nothing is stored.
    #[oai(path = "/kb/sitemap", method = "post", operation_id = "expand_sitemap")]
    async fn expand(&self, _member: Member<AdminOrProgram>, body: Body<Sitemap>) -> Result<Reply<SitemapPages>> {
        Ok(Reply::of(&rules::expand(body.0.sitemap)))
    }

    /// Import a sitemap
    ///
    /// Adds the pages that a sitemap names, and the sitemap itself, which is the last of the answer.
    #[oai(path = "/kb/sitemap/import", method = "post", operation_id = "import_sitemap")]
    async fn import(
        &self,
        member: Member<AdminOrProgram>,
        filter: Filter<NamespaceQuery>,
        body: Body<NewSitemap>,
    ) -> Result<Reply<Vec<Content>>> {
        let contents = member.scope.write(|tx| rules::import(tx, &filter.0, body.0))?;
        Ok(Reply::of(&contents))
    }

    /// Index a content once more
    ///
    /// Queues a content. Of a sitemap (`type` `sitemap`) the pages that are missing are added, and those that it does not
    /// name any more removed.
    #[oai(path = "/kb/scrape/single", method = "post", operation_id = "reindex_content")]
    async fn reindex(&self, member: Member<AdminOrProgram>, body: Body<Reindexing>) -> Result<Reply<Reindexed>> {
        member.scope.write(|tx| rules::reindex(tx, &body.0)).map(|done| Reply::of(&done))
    }
}
