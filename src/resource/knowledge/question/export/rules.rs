//! How files of questions are written.

use bytes::Bytes;

use super::model::{ExportFilter, ExportMode};
use crate::{
    resource::{
        csv,
        knowledge::question::{
            model::{Question, of_namespace},
            rules,
        },
    },
    store::join,
    world::{Error, Result, Scope, Text, error::Words, value::Loose},
};

/// A file of questions.
pub(in crate::resource::knowledge::question) struct File {
    /// Its name.
    pub(in crate::resource::knowledge::question) name: String,
    pub(in crate::resource::knowledge::question) content: Content,
}

/// What is in it.
pub(in crate::resource::knowledge::question) enum Content {
    Csv(Vec<u8>),
    Json(Bytes),
}

/// The questions of a knowledge base, newest first.
pub(in crate::resource::knowledge::question) fn export<Q: Question>(
    scope: &Scope,
    id: &Text,
    filter: &ExportFilter,
) -> Result<File> {
    let mode = match &filter.mode {
        None => ExportMode::Csv,
        Some(Loose::Fits(mode)) => *mode,
        Some(Loose::Other(..)) => {
            return Err(Error::malformed(Words::Error("Invalid format. Use mode=json or mode=csv".into())));
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
        let mut whole = join::Object::new(b"{}", 256);
        whole.text("namespace", namespace).text("exportedAt", scope.sandbox.clock.now());
        whole.field("count", questions.len().to_string().as_bytes());
        whole.list("questions", &questions);
        Ok(File { name: format!("{}-{namespace}.json", Q::FILE), content: Content::Json(whole.end()) })
    })
}
