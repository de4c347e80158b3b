//! What calls send and receive.

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

/// What a list of knowledge bases shows.
#[derive(Object)]
pub(crate) struct NamespaceFilter {
    /// Shows how many contents each has, whatever the value of the parameter.
    pub(crate) count: Option<Text>,
}

/// A knowledge base to be created.
#[derive(Object)]
pub(crate) struct NewNamespace {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Whether it is searched by text as well as by vectors, which the plan has to allow.
    pub(crate) hybrid: Option<Lenient<bool>>,
}

/// Changes of a knowledge base. What is absent, `null` or empty stays as it is.
#[derive(Object)]
pub(crate) struct NamespacePatch {
    /// Name.
    pub(crate) name: Option<Text>,
    /// Settings with which it is tried out, replaced as a whole.
    pub(crate) preview_settings: Option<PreviewSettings>,
}

/// How a knowledge base is deleted.
#[derive(Object)]
pub(crate) struct NamespaceRemoval {
    /// `true` deletes the contents and keeps the knowledge base.
    pub(crate) contents_only: Option<bool>,
}

/// What was done.
#[derive(Object)]
pub(crate) struct Done {
    /// Always true.
    pub(crate) success: bool,
    /// What was done.
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

/// The pieces into which a content was split.
#[derive(Object)]
pub(crate) struct Chunks {
    /// The pieces, in order.
    pub(crate) matches: Vec<Chunk>,
}

/// A piece of a content.
#[derive(Object)]
pub(crate) struct Chunk {
    /// Identifier of the piece: that of the content, and the number of the piece.
    pub(crate) id: Text,
    /// Identifier of the content.
    pub(crate) metadata_id: Id<Content>,
    /// Source of the content.
    pub(crate) metadata_source: Text,
    /// Kind of the content.
    pub(crate) metadata_type: ContentKind,
    /// When it was indexed.
    pub(crate) date: Timestamp,
    /// The text of the piece.
    pub(crate) text: Text,
}

/// Which contents an export holds.
#[derive(Object)]
pub(crate) struct NamespaceExportFilter {
    /// Only contents in this indexing state.
    pub(crate) status: Option<Number<ContentStatus>>,
}

/// A knowledge base as a file.
#[derive(Object)]
pub(crate) struct NamespaceExport {
    /// Name of the knowledge base.
    name: Text,
    /// Settings with which it is tried out.
    preview_settings: PreviewSettings,
    /// Its contents of the kinds `url`, `text` and `faq`.
    contents: Vec<Content>,
}

/// An exported knowledge base. All of it but the contents is ignored.
#[derive(Object)]
pub(crate) struct NamespaceImport {
    /// Name under which it was exported; the knowledge base keeps its own.
    name: Option<Text>,
    /// The contents.
    pub(crate) contents: Required<Lenient<Vec<ImportedContent>>>,
}

/// A content of an exported knowledge base. What else is said of it is ignored.
#[derive(Object)]
pub(crate) struct ImportedContent {
    /// Name.
    pub(crate) name: Text,
    /// Kind of content.
    #[oai(rename = "type")]
    pub(crate) kind: ContentKind,
    /// Where it comes from.
    pub(crate) source: Text,
    /// The text.
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
        vec![Embedded::new::<u64>("count", "How many contents it has.")]
    }
}
