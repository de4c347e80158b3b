//! The stored content item.

use poem_openapi::{Enum, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{knowledge::namespace::document::Namespace, project::document::Project},
    value::{Id, Text, Timestamp, primitive::Nullable},
};

/// Content from which bots answer: a text, a web page, a file, or a question with its answer.
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
    /// Project that the content belongs to.
    pub(crate) id_project: Id<Project>,
    /// Knowledge base that the content belongs to.
    pub(crate) namespace: Id<Namespace>,
    /// Name.
    pub(crate) name: Text,
    /// Kind of content.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(crate) kind: ContentKind,
    /// Source of the content: a URL or a title.
    pub(crate) source: Text,
    /// Text of the content; `null` or empty for pages and files. For `faq`: the question, a line break, and the answer.
    #[serde(default = "empty")]
    pub(crate) content: Nullable<Text>,
    /// Scraping mode of a page.
    pub(crate) scrape_type: Option<u32>,
    /// Scraping options of a page.
    pub(crate) scrape_options: Option<ScrapeOptions>,
    /// Interval at which a page is scraped again.
    pub(crate) refresh_rate: Option<Text>,
    /// Reason for the last indexing failure.
    pub(crate) last_error: Option<IndexingError>,
    /// Tags.
    pub(crate) tags: Option<Vec<Text>>,
    /// Whether chunks are indexed together with their context.
    pub(crate) situated_context: Option<bool>,
    /// Regular expression at which content of the kind `regex_custom` is split.
    pub(crate) chunk_regex: Option<Text>,
    /// Identifier of the sitemap that the content was imported from.
    pub(crate) sitemap_origin_id: Option<Id<Self>>,
    /// URL of the sitemap that the content was imported from.
    pub(crate) sitemap_origin: Option<Text>,
    /// Creation time.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Time of the last change.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document. Absent in responses to bulk additions.
    #[oai(rename = "__v")]
    #[serde(rename = "__v")]
    pub(crate) version: Option<u32>,
    /// Indexing state: -1 new, 100 queued, 200 indexing, 300 indexed, 400 failed.
    // A stored -1 advances with the clock, one step every half second; any other value is final.
    #[serde(default = "new")]
    pub(crate) status: i16,
}

/// Kinds of content.
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

/// Scraping options of a page.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScrapeOptions {
    /// HTML elements to extract.
    #[oai(default)]
    #[serde(default)]
    pub(crate) tags_to_extract: Vec<Text>,
    /// HTML elements to skip.
    #[oai(default)]
    #[serde(default)]
    pub(crate) unwanted_tags: Vec<Text>,
    /// CSS classes of elements to skip.
    #[oai(default)]
    #[serde(default)]
    pub(crate) unwanted_classnames: Vec<Text>,
}

/// Reason for an indexing failure.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexingError {
    /// Time of the failure.
    timestamp: Timestamp,
    /// Error message.
    message: Text,
}

fn empty() -> Nullable<Text> {
    Nullable(Some(Text::default()))
}

fn new() -> i16 {
    Content::NEW
}

/// Splits a text into paragraphs at empty lines.
pub(crate) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    let paragraphs = text.split("\n\n").flat_map(|part| part.split("\r\n\r\n"));
    paragraphs.map(str::trim).filter(|paragraph| !paragraph.is_empty())
}
