//! Knowledge bases: the contents that bots answer from, and the questions that they were asked.
//!
//! Paths call a knowledge base a namespace.

pub(crate) mod content;
pub(crate) mod namespace;
mod paging;
pub(crate) mod question_log;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// Sections of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Collections of contents from which bots answer, called namespaces in paths.
    #[oai(rename = "Knowledge bases")]
    KnowledgeBases,
    /// Texts, pages, files, and questions in knowledge bases, and their indexing state.
    Contents,
    /// Questions to knowledge bases, and the log of answered and unanswered questions.
    Questions,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let contents = (content::api::Contents, content::api::ContentDetails);
    let added = (content::upload::Uploads, content::sitemap::Sitemaps);
    let asked =
        (question_log::ask::Asking, question_log::api::UnansweredQuestions, question_log::api::AnsweredQuestions);
    Scoped::<_>::new((namespace::api::Namespaces, namespace::api::NamespaceDetails, contents, added, asked))
}
