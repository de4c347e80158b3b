//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::{Namespace, PreviewSettings};
use crate::{
    http::DocumentUpload,
    json_schema::{Embedded, Populate},
    resource::{
        chatbot::document::Bot,
        knowledge::content::{
            document::{Content, ContentKind},
            schema::{ContentStatus, Scraping},
        },
    },
    value::{
        Error, Id, Text, Timestamp,
        lenient::{Lenient, Required},
        primitive::Number,
    },
};

/// Query parameters for listing knowledge bases.
#[derive(Object)]
pub(crate) struct NamespaceFilter {
    /// Adds the number of contents to each knowledge base. Any value enables it.
    pub(crate) count: Option<Text>,
}

/// A knowledge base to create.
#[derive(Object)]
pub(crate) struct NewNamespace {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Whether searches combine full-text and vector search (default `false`). The plan must allow it.
    pub(crate) hybrid: Option<Lenient<bool>>,
}

/// Changes to a knowledge base. Fields that are absent, `null`, or empty keep their value.
#[derive(Object)]
pub(crate) struct NamespacePatch {
    /// Name.
    pub(crate) name: Option<Text>,
    /// Settings of the preview, replaced as a whole.
    pub(crate) preview_settings: Option<PreviewSettings>,
}

/// Options for deleting a knowledge base.
#[derive(Object)]
pub(crate) struct NamespaceRemoval {
    /// Whether to delete only the contents (default `false`).
    pub(crate) contents_only: Option<bool>,
}

/// Confirmation.
#[derive(Object)]
pub(crate) struct Done {
    /// Always `true`.
    pub(crate) success: bool,
    /// Human-readable message.
    pub(crate) message: Text,
}

/// A bot that answers from a knowledge base.
#[derive(Object)]
pub(crate) struct NamespaceChatbot {
    /// Identifier of the bot.
    #[oai(rename = "_id")]
    pub(crate) id: Id<Bot>,
    /// Name of the bot.
    pub(crate) name: Text,
}

/// Chunks of a content item.
#[derive(Object)]
pub(crate) struct Chunks {
    /// The chunks, in order.
    pub(crate) matches: Vec<Chunk>,
}

/// A chunk of a content item.
#[derive(Object)]
pub(crate) struct Chunk {
    /// Identifier of the chunk: the identifier of the content item, `#`, and the number of the chunk.
    pub(crate) id: Text,
    /// Identifier of the content item.
    pub(crate) metadata_id: Id<Content>,
    /// Source of the content.
    pub(crate) metadata_source: Text,
    /// Kind of content.
    pub(crate) metadata_type: ContentKind,
    /// Time of the last change of the content item.
    pub(crate) date: Timestamp,
    /// Text of the chunk.
    pub(crate) text: Text,
}

/// Filters for exporting a knowledge base.
#[derive(Object)]
pub(crate) struct NamespaceExportFilter {
    /// Only contents in this indexing state: -1 new, 100 queued, 200 indexing, 300 indexed, 400 failed.
    pub(crate) status: Option<Number<ContentStatus>>,
}

/// An exported knowledge base.
#[derive(Object)]
pub(crate) struct NamespaceExport {
    /// Name of the knowledge base.
    name: Text,
    /// Settings of the preview.
    preview_settings: PreviewSettings,
    /// Contents of the kinds `url`, `text`, and `faq`.
    contents: Vec<Content>,
}

/// An exported knowledge base to import. Everything except the contents is ignored.
#[derive(Object)]
pub(crate) struct NamespaceImport {
    /// Name at the time of the export (ignored).
    name: Option<Text>,
    /// Contents to import.
    pub(crate) contents: Required<Lenient<Vec<ImportedContent>>>,
}

/// A content item of an exported knowledge base. Other fields are ignored.
#[derive(Object)]
pub(crate) struct ImportedContent {
    /// Name.
    pub(crate) name: Text,
    /// Kind of content.
    #[oai(rename = "type")]
    pub(crate) kind: ContentKind,
    /// Source of the content.
    pub(crate) source: Text,
    /// Text of the content.
    pub(crate) content: Option<Text>,
    #[oai(flatten)]
    pub(crate) scraping: Scraping,
}

impl TryFrom<DocumentUpload> for NamespaceImport {
    type Error = Error;

    fn try_from(upload: DocumentUpload) -> Result<Self, Error> {
        upload.file.json()
    }
}

impl Populate for Namespace {
    const NAME: &'static str = "CountedNamespace";

    fn embedded() -> Vec<Embedded> {
        vec![Embedded::new::<u64>("count", "Number of contents. Present only if requested with `count`.")]
    }
}
