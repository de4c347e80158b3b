//! Export of questions as files.

use bytes::Bytes;
use poem_openapi::{Enum, Object};

use super::{
    document::{AnsweredQuestion, Question, UnansweredQuestion, of_namespace},
    rules,
};
use crate::{
    render::{self, csv},
    resource::knowledge::namespace::document::Namespace,
    state::{Collection, ProjectScope},
    value::{Error, Id, Result, Text, Timestamp, error::ErrorBody, lenient::Lenient},
};

/// Options for exporting questions.
#[derive(Object)]
pub(crate) struct ExportFilter {
    /// File format: `csv` (default) or `json`.
    pub(crate) mode: Option<Lenient<ExportMode>>,
}

/// File formats.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
pub(crate) enum ExportMode {
    Csv,
    Json,
}

/// Exported unanswered questions of a knowledge base.
#[derive(Object)]
pub(crate) struct UnansweredQuestionExport {
    /// Identifier of the knowledge base.
    namespace: Id<Namespace>,
    /// Time of the export.
    #[oai(rename = "exportedAt")]
    exported_at: Timestamp,
    /// Number of questions in the file.
    count: u64,
    /// The questions, newest first.
    questions: Vec<UnansweredQuestion>,
}

/// Exported answered questions of a knowledge base.
#[derive(Object)]
pub(crate) struct AnsweredQuestionExport {
    /// Identifier of the knowledge base.
    namespace: Id<Namespace>,
    /// Time of the export.
    #[oai(rename = "exportedAt")]
    exported_at: Timestamp,
    /// Number of questions in the file.
    count: u64,
    /// The questions, newest first.
    questions: Vec<AnsweredQuestion>,
}

/// An exported file.
pub(in crate::resource::knowledge::question_log) struct File {
    pub(in crate::resource::knowledge::question_log) name: String,
    pub(in crate::resource::knowledge::question_log) content: Content,
}

/// Content of an exported file.
pub(in crate::resource::knowledge::question_log) enum Content {
    Csv(Vec<u8>),
    Json(Bytes),
}

/// Exports the questions of a knowledge base, newest first.
pub(in crate::resource::knowledge::question_log) fn export<Q: Question + Collection>(
    scope: &ProjectScope,
    id: &Text,
    filter: &ExportFilter,
) -> Result<File> {
    let mode = match &filter.mode {
        None => ExportMode::Csv,
        Some(Lenient::Valid(mode)) => *mode,
        Some(Lenient::Invalid(..)) => {
            return Err(Error::malformed(ErrorBody::error("Invalid format. Use mode=json or mode=csv".into())));
        }
    };
    let namespace = rules::namespace(scope, id)?;
    let all = of_namespace(namespace);
    scope.read(|state| {
        let questions = Q::table(&state.tables).last_with(all).map(|question| question.json());
        if mode == ExportMode::Csv {
            let content = Content::Csv(csv::commas(Q::COLUMNS, questions)?);
            return Ok(File { name: format!("{}-{namespace}.csv", Q::FILE), content });
        }
        let questions: Vec<_> = questions.collect();
        let mut whole = render::json::Object::new(b"{}", 256);
        whole.text("namespace", namespace).text("exportedAt", scope.sandbox.clock.now());
        whole.field("count", questions.len().to_string().as_bytes());
        whole.list("questions", &questions);
        Ok(File { name: format!("{}-{namespace}.json", Q::FILE), content: Content::Json(whole.end()) })
    })
}
