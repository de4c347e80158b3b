//! Questions as files.

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

/// How a file of questions is written.
#[derive(Object)]
pub(crate) struct ExportFilter {
    /// Format of the file; `csv` when the parameter is missing.
    pub(crate) mode: Option<Lenient<ExportMode>>,
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

/// A file of questions.
pub(in crate::resource::knowledge::question_log) struct File {
    /// Its name.
    pub(in crate::resource::knowledge::question_log) name: String,
    pub(in crate::resource::knowledge::question_log) content: Content,
}

/// What is in it.
pub(in crate::resource::knowledge::question_log) enum Content {
    Csv(Vec<u8>),
    Json(Bytes),
}

/// The questions of a knowledge base, newest first.
pub(in crate::resource::knowledge::question_log) fn export<Q: Question + Collection>(
    scope: &ProjectScope,
    id: &Text,
    filter: &ExportFilter,
) -> Result<File> {
    let mode = match &filter.mode {
        None => ExportMode::Csv,
        Some(Lenient::Valid(mode)) => *mode,
        Some(Lenient::Invalid(..)) => {
            return Err(Error::malformed(ErrorBody::Error("Invalid format. Use mode=json or mode=csv".into())));
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
