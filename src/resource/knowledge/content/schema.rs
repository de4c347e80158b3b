//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;
use serde::Serialize;

use super::document::{Content, ContentKind, ScrapeOptions};
use crate::{
    resource::knowledge::paging::Listing,
    value::{
        Id, Text,
        lenient::Required,
        primitive::{Number, Numbers},
    },
};

/// Values of the indexing state.
#[derive(Debug)]
pub(crate) enum ContentStatus {}

impl Numbers for ContentStatus {
    const ALL: &'static [i16] = &[Content::NEW, Content::QUEUED, Content::INDEXING, Content::INDEXED, Content::FAILED];
}

/// Scraping and indexing options.
#[derive(Object, Default, Clone)]
pub(crate) struct Scraping {
    /// Interval at which a page is scraped again (default `never`).
    pub(crate) refresh_rate: Option<Text>,
    /// Scraping mode of a page (default 2).
    pub(crate) scrape_type: Option<u32>,
    /// Scraping options of a page.
    pub(crate) scrape_options: Option<ScrapeOptions>,
    /// Tags.
    pub(crate) tags: Option<Vec<Text>>,
    /// Whether chunks are indexed together with their context.
    pub(crate) situated_context: Option<bool>,
}

/// A content item to add.
#[derive(Object)]
pub(crate) struct NewContent {
    /// Identifier of the knowledge base.
    pub(crate) namespace: Required<Text>,
    /// Name.
    pub(crate) name: Text,
    /// Kind of content.
    #[oai(rename = "type")]
    pub(crate) kind: ContentKind,
    /// Source of the content: the URL of a page or file, otherwise a title.
    pub(crate) source: Text,
    /// Text of the content; empty for pages and files. For `faq`: the question, a line break, and the answer.
    pub(crate) content: Option<Text>,
    /// Regular expression at which content of the kind `regex_custom` is split.
    pub(crate) chunk_regex: Option<Text>,
    #[oai(flatten)]
    pub(crate) scraping: Scraping,
}

/// Replacement of a content item. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct ContentPatch {
    /// Identifier of the knowledge base.
    pub(crate) namespace: Required<Text>,
    /// Name.
    pub(crate) name: Option<Text>,
    /// Kind of content.
    #[oai(rename = "type")]
    pub(crate) kind: Option<ContentKind>,
    /// Source of the content.
    pub(crate) source: Option<Text>,
    /// Text of the content.
    pub(crate) content: Option<Text>,
    #[oai(flatten)]
    pub(crate) scraping: Scraping,
}

/// Result of adding a content item: the outcome of the upsert and the item.
#[derive(Object)]
pub(crate) struct ContentUpsert {
    /// Outcome of the upsert.
    #[oai(rename = "lastErrorObject")]
    pub(crate) outcome: UpsertOutcome,
    /// The stored content item.
    pub(crate) value: Content,
}

/// Outcome of an upsert.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct UpsertOutcome {
    /// Number of written items (always 1).
    pub(crate) n: u32,
    /// Whether an existing item was replaced.
    #[oai(rename = "updatedExisting")]
    pub(crate) updated_existing: bool,
    /// Identifier of the item if it is new.
    pub(crate) upserted: Option<Id<Content>>,
}

/// The knowledge base that a call refers to.
#[derive(Object)]
pub(crate) struct NamespaceQuery {
    /// Identifier of the knowledge base.
    pub(crate) namespace: Required<Text>,
}

/// The content item to look up.
#[derive(Object)]
pub(crate) struct StatusQuery {
    /// Identifier of the content item.
    pub(crate) id: Text,
    /// Identifier of the knowledge base.
    pub(crate) namespace: Text,
    /// Identifiers of further knowledge bases (ignored).
    pub(crate) namespace_list: Option<Vec<Text>>,
}

/// Query parameters for looking up an indexing state.
#[derive(Object)]
pub(crate) struct StatusFilter {
    /// Whether to return the content item itself (default `false`).
    #[oai(rename = "returnObject")]
    pub(crate) return_object: Option<bool>,
}

/// Indexing state of a content item.
#[derive(Object, Serialize)]
pub(crate) struct IndexingState {
    /// Human-readable state.
    pub(crate) status_message: Text,
    /// State: 0 not started or queued, 2 indexing, 3 indexed, 4 failed.
    pub(crate) status_code: u32,
    /// Position in the queue, counted from 0; -1 if the item is not queued.
    pub(crate) queue_order: i32,
}

/// The knowledge base whose index is deleted.
#[derive(Object)]
pub(crate) struct IndexRemoval {
    /// Identifier of the knowledge base.
    pub(crate) namespace: Text,
}

/// Confirmation that an index was deleted.
#[derive(Object)]
pub(crate) struct IndexRemoved {
    /// Always `true`.
    pub(crate) success: bool,
}

/// Filters for listing contents.
#[derive(Object)]
pub(crate) struct ContentFilter {
    /// Identifier of the knowledge base.
    pub(crate) namespace: Required<Text>,
    /// Only contents in this indexing state: -1 new, 100 queued, 200 indexing, 300 indexed, 400 failed.
    pub(crate) status: Option<Number<ContentStatus>>,
    /// Only contents of this kind.
    #[oai(rename = "type")]
    pub(crate) kind: Option<ContentKind>,
    /// Only contents whose source matches this regular expression.
    pub(crate) search: Option<Text>,
    #[oai(flatten)]
    pub(crate) listing: Listing,
}

/// A page of contents.
#[derive(Object)]
pub(crate) struct ContentPage {
    /// Total number of contents.
    count: u64,
    /// Effective query.
    query: ContentQuery,
    /// The contents on this page.
    kbs: Vec<Content>,
}

/// Effective query of a content list.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ContentQuery {
    /// Indexing state that the list is filtered by, if any.
    pub(crate) status: Option<i16>,
    /// Page size.
    pub(crate) limit: u32,
    /// Page number, counted from 0; absent unless the list is filtered by indexing state.
    pub(crate) page: Option<u32>,
    /// Field that the list is sorted by.
    #[oai(rename = "sortField")]
    #[serde(rename = "sortField")]
    pub(crate) sort_field: Text,
    /// Sort direction: 1 ascending, -1 descending.
    pub(crate) direction: i16,
    /// Regular expression that the list is filtered by, if any.
    pub(crate) search: Option<Text>,
}

impl Scraping {
    /// The options stored with an item: pages and sitemaps get defaults, text files `scrape_type` 1, and all other
    /// kinds keep only tags and context.
    pub(crate) fn sent_for(self, kind: ContentKind) -> Self {
        match kind {
            ContentKind::Url | ContentKind::Sitemap => {
                let scrape_type = self.scrape_type.unwrap_or(Self::WHOLE_PAGE);
                let whole = (scrape_type == Self::WHOLE_PAGE).then(ScrapeOptions::whole_page);
                Self {
                    refresh_rate: self.refresh_rate.or_else(|| Some("never".into())),
                    scrape_type: Some(scrape_type),
                    scrape_options: self.scrape_options.or(whole),
                    ..self
                }
            }
            kind => Self {
                refresh_rate: None,
                scrape_type: (kind == ContentKind::Txt).then_some(1),
                scrape_options: None,
                ..self
            },
        }
    }

    /// Options of a single item: only these record whether chunks are indexed with their context.
    pub(crate) fn alone(self) -> Self {
        Self { situated_context: Some(self.situated_context.unwrap_or_default()), ..self }
    }

    /// Options of a single item, which accepts only two scraping modes.
    pub(crate) fn honoured_for(self, kind: ContentKind) -> Self {
        match self.scrape_type {
            Some(0 | 4) => self.sent_for(kind),
            _ => Self { scrape_type: None, scrape_options: None, ..self }.sent_for(kind),
        }
    }

    /// Default scraping mode.
    const WHOLE_PAGE: u32 = 2;
}
