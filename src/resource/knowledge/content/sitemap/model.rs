//! Sitemaps, and what is done with them.

use poem_openapi::Object;

use crate::{
    resource::knowledge::content::model::{ContentKind, Scraping},
    world::Text,
};

/// The address of a sitemap.
#[derive(Object)]
pub(crate) struct Sitemap {
    /// Address of the sitemap.
    pub(crate) sitemap: Text,
}

/// The pages that a sitemap names.
#[derive(Object)]
pub(crate) struct SitemapPages {
    /// Address of the sitemap.
    pub(crate) url: Text,
    /// Addresses of the pages.
    pub(crate) sites: Vec<Text>,
    /// What could not be read.
    pub(crate) errors: Vec<SitemapError>,
}

/// What of a sitemap could not be read.
#[derive(Object)]
pub(crate) struct SitemapError {
    /// Address that was read.
    pub(crate) url: Text,
    /// What went wrong.
    pub(crate) message: Text,
}

/// A sitemap whose pages are to be added.
#[derive(Object)]
pub(crate) struct NewSitemap {
    /// Always `sitemap`.
    #[oai(rename = "type")]
    pub(crate) kind: Text,
    /// Address of the sitemap.
    pub(crate) source: Text,
    #[oai(flatten)]
    pub(crate) scraping: Scraping,
}

/// A content to be indexed anew.
#[derive(Object)]
pub(crate) struct Reindexing {
    /// Identifier of the content.
    pub(crate) id: Text,
    /// Knowledge base of the content.
    pub(crate) namespace: Text,
    /// `sitemap` reads a sitemap again, and adds and removes pages.
    #[oai(rename = "type")]
    pub(crate) kind: Option<ContentKind>,
    /// Address of the sitemap.
    pub(crate) source: Option<Text>,
}

/// What was done to index a content anew.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Reindexed {
    /// Always true.
    pub(crate) success: bool,
    /// What was done.
    pub(crate) message: Text,
    /// Pages that the sitemap names and that were added.
    pub(crate) added_urls: Option<usize>,
    /// Pages that the sitemap names no longer and that were removed.
    pub(crate) removed_url: Option<usize>,
}
