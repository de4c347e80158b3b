//! The content document and what changes it.

use poem_openapi::{Enum, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{
        knowledge::{namespace::model::Namespace, paging::Listing},
        project::model::Project,
    },
    world::{
        Id, Text, Timestamp,
        value::{Needed, Nullable, Number, Numbers},
    },
};

/// What bots answer from: a text, a page, a file, or a question with its answer.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(rename = "KnowledgeContent", skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "KnowledgeContent")]
pub(crate) struct Content {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Project of the content.
    pub(crate) id_project: Id<Project>,
    /// Knowledge base of the content.
    pub(crate) namespace: Id<Namespace>,
    /// Name.
    pub(crate) name: Text,
    /// Kind of content.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(crate) kind: ContentKind,
    /// Where it comes from: an address, or a title.
    pub(crate) source: Text,
    /// The text: for `faq` the question, a new line and the answer. `null` or empty for pages and files.
    #[serde(default = "empty")]
    pub(crate) content: Nullable<Text>,
    /// How the page is read.
    pub(crate) scrape_type: Option<u32>,
    /// What of the page is read.
    pub(crate) scrape_options: Option<ScrapeOptions>,
    /// How often the page is read again.
    pub(crate) refresh_rate: Option<Text>,
    /// Why it could not be indexed.
    pub(crate) last_error: Option<IndexingError>,
    /// Tags.
    pub(crate) tags: Option<Vec<Text>>,
    /// Whether its pieces are indexed with what they are about.
    pub(crate) situated_context: Option<bool>,
    /// Where a content of the kind `regex_custom` is split.
    pub(crate) chunk_regex: Option<Text>,
    /// Identifier of the sitemap that it came from.
    pub(crate) sitemap_origin_id: Option<Id<Self>>,
    /// Address of that sitemap.
    pub(crate) sitemap_origin: Option<Text>,
    /// When the content was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the content was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document; what is added together with others is answered without it.
    #[oai(rename = "__v")]
    #[serde(rename = "__v")]
    pub(crate) version: Option<u32>,
    /// Indexing state: -1 new, 100 queued, 200 being indexed, 300 indexed, 400 failed.
    // Stored, -1 is what the clock moves on, half a second a step; anything else stays.
    #[serde(default = "new")]
    pub(crate) status: i16,
}

/// The kinds of contents.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum ContentKind {
    Url,
    Text,
    Pdf,
    Docx,
    Txt,
    Faq,
    Sitemap,
    RegexCustom,
}

/// The states of indexing.
#[derive(Debug)]
pub(crate) enum ContentStatus {}

impl Numbers for ContentStatus {
    const ALL: &'static [i16] = &[Content::NEW, Content::QUEUED, Content::INDEXING, Content::INDEXED, Content::FAILED];
}

/// What of a page is read.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScrapeOptions {
    /// Elements to read.
    #[oai(default)]
    #[serde(default)]
    pub(crate) tags_to_extract: Vec<Text>,
    /// Elements to leave out.
    #[oai(default)]
    #[serde(default)]
    pub(crate) unwanted_tags: Vec<Text>,
    /// Classes of elements to leave out.
    #[oai(default)]
    #[serde(default)]
    pub(crate) unwanted_classnames: Vec<Text>,
}

/// Why a content could not be indexed.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexingError {
    /// When it failed.
    timestamp: Timestamp,
    /// What went wrong.
    message: Text,
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
    pub(crate) namespace: Needed<Text>,
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
    pub(crate) namespace: Needed<Text>,
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
    pub(crate) namespace: Needed<Text>,
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
    pub(crate) namespace: Needed<Text>,
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

fn empty() -> Nullable<Text> {
    Nullable(Some(Text::default()))
}

fn new() -> i16 {
    Content::NEW
}

/// The paragraphs of a text: what is between empty lines.
pub(crate) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    let paragraphs = text.split("\n\n").flat_map(|part| part.split("\r\n\r\n"));
    paragraphs.map(str::trim).filter(|paragraph| !paragraph.is_empty())
}
