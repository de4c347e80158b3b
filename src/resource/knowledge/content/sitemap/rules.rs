//! Sitemaps. Nothing is fetched: which pages one names follows from its address.

use url::Url;

use super::model::{NewSitemap, Reindexed, Reindexing, SitemapError, SitemapPages};
use crate::{
    resource::knowledge::{
        content::{
            model::{Content, ContentKind, NamespaceQuery, Scraping},
            rules::{self, Source},
        },
        namespace::{self, plan},
    },
    world::{Error, Id, Result, Text, Tx, error::Words},
};

/// The sitemap of the documentation's example, and the pages that it names there.
const EXAMPLE: &str = "https://gethelp.tiledesk.com/sitemap.xml";
const EXAMPLE_PAGES: [&str; 4] = [
    "articles/activities-log/",
    "articles/define-the-operating-hours/",
    "articles/how-do-invite-a-teammate/",
    "articles/understanding-default-roles/",
];
/// Those that any other sitemap names.
const PAGES: [&str; 2] = ["page-1", "page-2"];

pub(super) fn expand(address: Text) -> SitemapPages {
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

/// The pages, and the sitemap as the last one.
pub(super) fn import(tx: &mut Tx, query: &NamespaceQuery, new: NewSitemap) -> Result<Vec<Content>> {
    if &*new.kind != "sitemap" {
        return Err(Error::forbidden(Words::Error("Endpoint available for sitemap type only.".into())));
    }
    let namespace = rules::named(tx, query)?;
    let pages = pages(&new.source).unwrap_or_default();
    if pages.is_empty() {
        return Err(Error::malformed(Words::Error("No url found on sitemap".into())));
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

/// Queues a content once more. A sitemap is read again first.
pub(super) fn reindex(tx: &mut Tx, what: &Reindexing) -> Result<Reindexed> {
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

/// Adds the pages that are missing and removes those that the sitemap does not name: how many of each.
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
