//! Knowledge bases: what bots answer from, and what they were asked.
//!
//! Paths call a knowledge base a namespace.

pub(crate) mod content;
pub(crate) mod namespace;
mod paging;
pub(crate) mod question_log;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The sections of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// What bots answer from, called namespaces in paths.
    #[oai(rename = "Knowledge bases")]
    KnowledgeBases,
    /// The texts, pages, files and questions in knowledge bases, and how far they are indexed.
    Contents,
    /// What knowledge bases are asked, what they answered and what they could not.
    Questions,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let contents = (content::api::Contents, content::api::ContentDetails);
    let added = (content::upload::Uploads, content::sitemap::Sitemaps);
    let asked =
        (question_log::ask::Asking, question_log::api::UnansweredQuestions, question_log::api::AnsweredQuestions);
    Scoped::<_>::new((namespace::api::Namespaces, namespace::api::NamespaceDetails, contents, added, asked))
}
