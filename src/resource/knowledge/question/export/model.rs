//! What files of questions are made of.

use poem_openapi::{Enum, Object};

use crate::{
    resource::knowledge::{
        namespace::model::Namespace,
        question::model::{AnsweredQuestion, UnansweredQuestion},
    },
    world::{Id, Timestamp, value::Loose},
};

/// How a file of questions is written.
#[derive(Object)]
pub(crate) struct ExportFilter {
    /// Format of the file; `csv` when the parameter is missing.
    pub(crate) mode: Option<Loose<ExportMode>>,
}

/// The formats of files.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
pub(crate) enum ExportMode {
    Csv,
    Json,
}

/// The questions of a knowledge base that were not answered.
#[derive(Object)]
pub(crate) struct UnansweredQuestionExport {
    /// Knowledge base.
    namespace: Id<Namespace>,
    /// When the file was written.
    #[oai(rename = "exportedAt")]
    exported_at: Timestamp,
    /// Questions in the file.
    count: u64,
    /// The questions, newest first.
    questions: Vec<UnansweredQuestion>,
}

/// The questions of a knowledge base that were answered.
#[derive(Object)]
pub(crate) struct AnsweredQuestionExport {
    /// Knowledge base.
    namespace: Id<Namespace>,
    /// When the file was written.
    #[oai(rename = "exportedAt")]
    exported_at: Timestamp,
    /// Questions in the file.
    count: u64,
    /// The questions, newest first.
    questions: Vec<AnsweredQuestion>,
}
