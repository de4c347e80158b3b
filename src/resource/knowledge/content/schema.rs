//! What calls send and receive.

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

/// The states of indexing.
#[derive(Debug)]
pub(crate) enum ContentStatus {}

impl Numbers for ContentStatus {
    const ALL: &'static [i16] = &[Content::NEW, Content::QUEUED, Content::INDEXING, Content::INDEXED, Content::FAILED];
}

/// How a content is read and indexed.
#[derive(Object, Default, Clone)]
pub(crate) struct Scraping {
    /// How often a page is read again; `never` when it is missing.
    pub(crate) refresh_rate: Option<Text>,
    /// How a page is read: 2 when it is missing.
    pub(crate) scrape_type: Option<u32>,
    /// What of a page is read.
    pub(crate) scrape_options: Option<ScrapeOptions>,
    /// Tags.
    pub(crate) tags: Option<Vec<Text>>,
    /// Whether the pieces are indexed with what they are about.
    pub(crate) situated_context: Option<bool>,
}

/// A content to be added.
#[derive(Object)]
pub(crate) struct NewContent {
    /// Knowledge base.
    pub(crate) namespace: Required<Text>,
    /// Name.
    pub(crate) name: Text,
    /// Kind of content.
    #[oai(rename = "type")]
    pub(crate) kind: ContentKind,
    /// Where it comes from: the address of a page or a file, otherwise a title.
    pub(crate) source: Text,
    /// The text; empty for pages and files. For `faq` the question, a new line and the answer.
    pub(crate) content: Option<Text>,
    /// Where a content of the kind `regex_custom` is split.
    pub(crate) chunk_regex: Option<Text>,
    #[oai(flatten)]
    pub(crate) scraping: Scraping,
}

/// A content that takes the place of another. What is absent or `null` stays as it was.
#[derive(Object)]
pub(crate) struct ContentPatch {
    /// Knowledge base of the content.
    pub(crate) namespace: Required<Text>,
    /// Name.
    pub(crate) name: Option<Text>,
    /// Kind of content.
    #[oai(rename = "type")]
    pub(crate) kind: Option<ContentKind>,
    /// Where it comes from.
    pub(crate) source: Option<Text>,
    /// The text.
    pub(crate) content: Option<Text>,
    #[oai(flatten)]
    pub(crate) scraping: Scraping,
}

/// The answer of the database to an added content.
#[derive(Object)]
pub(crate) struct ContentUpsert {
    /// What was done.
    #[oai(rename = "lastErrorObject")]
    pub(crate) outcome: UpsertOutcome,
    /// The content.
    pub(crate) value: Content,
}

/// What an upsert did.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct UpsertOutcome {
    /// Contents that were written: 1.
    pub(crate) n: u32,
    /// Whether a content was replaced.
    #[oai(rename = "updatedExisting")]
    pub(crate) updated_existing: bool,
    /// Identifier of the content, when it is new.
    pub(crate) upserted: Option<Id<Content>>,
}

/// The knowledge base that a call is about.
#[derive(Object)]
pub(crate) struct NamespaceQuery {
    /// Knowledge base.
    pub(crate) namespace: Required<Text>,
}

/// A content whose state is asked for.
#[derive(Object)]
pub(crate) struct StatusQuery {
    /// Identifier of the content.
    pub(crate) id: Text,
    /// Knowledge base of the content.
    pub(crate) namespace: Text,
    /// Further knowledge bases, which are not looked at.
    pub(crate) namespace_list: Option<Vec<Text>>,
}

/// What is answered to who asks for a state.
#[derive(Object)]
pub(crate) struct StatusFilter {
    /// `true` answers the content itself.
    #[oai(rename = "returnObject")]
    pub(crate) return_object: Option<bool>,
}

/// How far a content is indexed.
#[derive(Object, Serialize)]
pub(crate) struct IndexingState {
    /// The state in words.
    pub(crate) status_message: Text,
    /// 0 not started, 2 being indexed, 3 indexed, 4 failed.
    pub(crate) status_code: u32,
    /// Place in the queue, counted from 0; -1 for what is not in it.
    pub(crate) queue_order: i32,
}

/// A knowledge base whose index is to be deleted.
#[derive(Object)]
pub(crate) struct IndexRemoval {
    /// Knowledge base.
    pub(crate) namespace: Text,
}

/// That an index was deleted.
#[derive(Object)]
pub(crate) struct IndexRemoved {
    /// Always true.
    pub(crate) success: bool,
}

/// Which contents a list shows.
#[derive(Object)]
pub(crate) struct ContentFilter {
    /// Knowledge base.
    pub(crate) namespace: Required<Text>,
    /// Only contents in this indexing state.
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
    /// Contents on all pages.
    count: u64,
    /// What was asked for.
    query: ContentQuery,
    /// The contents of this page.
    kbs: Vec<Content>,
}

/// What a list of contents was asked for.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ContentQuery {
    /// Indexing state, if one was asked for.
    pub(crate) status: Option<i16>,
    /// Most contents of a page.
    pub(crate) limit: u32,
    /// Page, where a state was asked for.
    pub(crate) page: Option<u32>,
    /// Field by which the contents are sorted.
    #[oai(rename = "sortField")]
    #[serde(rename = "sortField")]
    pub(crate) sort_field: Text,
    /// 1 for ascending order, -1 for descending order.
    pub(crate) direction: i16,
    /// What was searched for.
    pub(crate) search: Option<Text>,
}

impl Scraping {
    /// What is stored with a content: pages have defaults, and of the rest only tags and context count.
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

    /// That of a content that is written alone: only those say whether they have a context.
    pub(crate) fn alone(self) -> Self {
        Self { situated_context: Some(self.situated_context.unwrap_or_default()), ..self }
    }

    /// The same for a single content, of which only two ways of reading are taken.
    pub(crate) fn honoured_for(self, kind: ContentKind) -> Self {
        match self.scrape_type {
            Some(0 | 4) => self.sent_for(kind),
            _ => Self { scrape_type: None, scrape_options: None, ..self }.sent_for(kind),
        }
    }

    /// How pages are read where nothing is said.
    const WHOLE_PAGE: u32 = 2;
}
