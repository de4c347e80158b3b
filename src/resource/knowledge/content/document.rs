//! The content document and what changes it.

use poem_openapi::{Enum, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{knowledge::namespace::document::Namespace, project::document::Project},
    value::{Id, Text, Timestamp, primitive::Nullable},
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
