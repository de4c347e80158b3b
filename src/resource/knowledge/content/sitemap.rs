//! Sitemaps: contents whose pages are contents as well.

use poem_openapi::{Object, OpenApi};
use url::Url;

use super::{
    document::{Content, ContentKind},
    rules::{self, Source},
    schema::{NamespaceQuery, Scraping},
};
use crate::{
    http::{AdminOrProgram, Body, Filter, Member, Reply},
    resource::knowledge::{
        Section,
        namespace::{self, plan},
    },
    state::Tx,
    value::{Error, Id, Result, Text, error::ErrorBody},
};

/// The sitemap to expand.
#[derive(Object)]
pub(crate) struct Sitemap {
    /// URL of the sitemap.
    pub(crate) sitemap: Text,
}

/// Pages that a sitemap lists.
#[derive(Object)]
pub(crate) struct SitemapPages {
    /// URL of the sitemap.
    pub(crate) url: Text,
    /// URLs of the pages.
    pub(crate) sites: Vec<Text>,
    /// Errors that occurred while reading the sitemap.
    pub(crate) errors: Vec<SitemapError>,
}

/// An error that occurred while reading a sitemap.
#[derive(Object)]
pub(crate) struct SitemapError {
    /// URL that was read.
    pub(crate) url: Text,
    /// Error message.
    pub(crate) message: Text,
}

/// A sitemap whose pages are added.
#[derive(Object)]
pub(crate) struct NewSitemap {
    /// Kind of content; must be `sitemap`.
    #[oai(rename = "type")]
    pub(crate) kind: Text,
    /// URL of the sitemap.
    pub(crate) source: Text,
    #[oai(flatten)]
    pub(crate) scraping: Scraping,
}

/// A content item to reindex.
#[derive(Object)]
pub(crate) struct Reindexing {
    /// Identifier of the content item.
    pub(crate) id: Text,
    /// Identifier of the knowledge base.
    pub(crate) namespace: Text,
    /// Kind of content. `sitemap` reads a sitemap again, adding and removing pages.
    #[oai(rename = "type")]
    pub(crate) kind: Option<ContentKind>,
    /// URL of the sitemap (default: the source of the content item).
    pub(crate) source: Option<Text>,
}

/// Result of reindexing a content item.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Reindexed {
    /// Always `true`.
    pub(crate) success: bool,
    /// Human-readable message.
    pub(crate) message: Text,
    /// Number of pages added because they were missing.
    pub(crate) added_urls: Option<usize>,
    /// Number of pages removed because the sitemap no longer lists them.
    pub(crate) removed_url: Option<usize>,
}

pub(crate) struct Sitemaps;

#[OpenApi(tag = "Section::Contents")]
impl Sitemaps {
    /// Expand a sitemap
    ///
    /// Reads a sitemap without storing anything. Problems are reported in `errors`.
    ///
    /// Returns the URLs of the pages that the sitemap lists.
    #[oai(path = "/kb/sitemap", method = "post", operation_id = "expand_sitemap")]
    async fn expand(&self, _member: Member<AdminOrProgram>, body: Body<Sitemap>) -> Result<Reply<SitemapPages>> {
        Ok(Reply::of(&expand(body.0.sitemap)))
    }

    /// Import a sitemap
    ///
    /// Adds the sitemap and the pages that it lists to a knowledge base. A `type` other than `sitemap` returns 403, a
    /// sitemap without pages 400, and exceeding the plan's limit on contents 403.
    ///
    /// Returns the added contents, with the sitemap as the last one.
    #[oai(path = "/kb/sitemap/import", method = "post", operation_id = "import_sitemap")]
    async fn import(
        &self,
        member: Member<AdminOrProgram>,
        filter: Filter<NamespaceQuery>,
        body: Body<NewSitemap>,
    ) -> Result<Reply<Vec<Content>>> {
        let contents = member.scope.write(|tx| import(tx, &filter.0, body.0))?;
        Ok(Reply::of(&contents))
    }

    /// Reindex a content item
    ///
    /// Queues a content item for indexing. With `type` set to `sitemap`, the sitemap is also read again: missing pages
    /// are added, and pages that it no longer lists are removed.
    ///
    /// Returns a confirmation, with the numbers of added and removed pages of a sitemap.
    #[oai(path = "/kb/scrape/single", method = "post", operation_id = "reindex_content")]
    async fn reindex(&self, member: Member<AdminOrProgram>, body: Body<Reindexing>) -> Result<Reply<Reindexed>> {
        member.scope.write(|tx| reindex(tx, &body.0)).map(|done| Reply::of(&done))
    }
}

/// The sitemap of the documentation's example, and the pages that it lists there.
const EXAMPLE: &str = "https://gethelp.tiledesk.com/sitemap.xml";
const EXAMPLE_PAGES: [&str; 4] = [
    "articles/activities-log/",
    "articles/define-the-operating-hours/",
    "articles/how-do-invite-a-teammate/",
    "articles/understanding-default-roles/",
];
/// The pages that any other sitemap lists.
const PAGES: [&str; 2] = ["page-1", "page-2"];

fn expand(address: Text) -> SitemapPages {
    let (sites, errors) = match pages(&address) {
        Ok(pages) => (pages, Vec::new()),
        Err(message) => (Vec::new(), vec![SitemapError { url: address.clone(), message }]),
    };
    SitemapPages { url: address, sites, errors }
}

fn pages(address: &str) -> Result<Vec<Text>, Text> {
    let url = Url::parse(address).map_err(|error| Text::from(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("expected an http or https URL".into());
    }
    let names = if address == EXAMPLE { &EXAMPLE_PAGES[..] } else { &PAGES[..] };
    let origin = url.origin().ascii_serialization();
    Ok(names.iter().map(|name| format!("{origin}/{name}").into()).collect())
}

/// The added pages, followed by the sitemap.
fn import(tx: &mut Tx, query: &NamespaceQuery, new: NewSitemap) -> Result<Vec<Content>> {
    if &*new.kind != "sitemap" {
        return Err(Error::forbidden(ErrorBody::error("Endpoint available for sitemap type only.".into())));
    }
    let namespace = rules::named(tx, query)?;
    let pages = pages(&new.source).unwrap_or_default();
    if pages.is_empty() {
        return Err(Error::malformed(ErrorBody::error("No url found on sitemap".into())));
    }
    plan::contents(tx, pages.len() + 1)?;
    let kind = ContentKind::Sitemap;
    let source = Source { name: new.source.clone(), kind, source: new.source, content: Some(Text::default()) };
    let sitemap = rules::keep(tx, namespace, source, new.scraping.clone().sent_for(kind))?;
    let mut all = Vec::new();
    for page in pages {
        all.push(add(tx, &sitemap, page, new.scraping.clone())?);
    }
    all.push(sitemap);
    Ok(all)
}

fn add(tx: &mut Tx, sitemap: &Content, page: Text, scraping: Scraping) -> Result<Content> {
    let content = rules::keep(tx, sitemap.namespace, Source::page(page), scraping.sent_for(ContentKind::Url))?;
    let of_sitemap =
        Content { sitemap_origin_id: Some(sitemap.id), sitemap_origin: Some(sitemap.source.clone()), ..content };
    Ok(tx.put(of_sitemap)?.value().into_owned())
}

/// Queues a content item again. A sitemap is also read again.
fn reindex(tx: &mut Tx, what: &Reindexing) -> Result<Reindexed> {
    let namespace = namespace::rules::find(tx.state(), tx.project(), &what.namespace)?.value().id;
    let content = rules::of_namespace(tx.state(), namespace, &what.id)?.value().into_owned();
    let read_again = what.kind == Some(ContentKind::Sitemap) && content.kind == ContentKind::Sitemap;
    let content = Content { status: Content::NEW, last_error: None, ..content };
    let content = tx.put(content)?.value().into_owned();
    let changes = if read_again { Some(refresh(tx, &content, what.source.as_ref())?) } else { None };
    Ok(Reindexed {
        success: true,
        message: "Content queued for reindexing".into(),
        added_urls: changes.map(|(added, _)| added),
        removed_url: changes.map(|(_, removed)| removed),
    })
}

/// Adds missing pages and removes those that the sitemap no longer lists. Returns the number of each.
fn refresh(tx: &mut Tx, sitemap: &Content, address: Option<&Text>) -> Result<(usize, usize)> {
    let named = pages(address.unwrap_or(&sitemap.source)).unwrap_or_default();
    let known = tx.state().tables.contents.with(Content::of_sitemap(sitemap.id));
    let known: Vec<(Id<Content>, Text)> = known.map(|page| (page.value().id, page.value().source.clone())).collect();
    let missing: Vec<_> = named.iter().filter(|page| !known.iter().any(|(_, source)| source == *page)).collect();
    let gone: Vec<_> = known.iter().filter(|(_, source)| !named.contains(source)).collect();
    plan::contents(tx, missing.len().saturating_sub(gone.len()))?;
    for page in &missing {
        add(tx, sitemap, (*page).clone(), Scraping::default())?;
    }
    for (id, _) in &gone {
        tx.remove_by_id(*id)?;
    }
    Ok((missing.len(), gone.len()))
}
