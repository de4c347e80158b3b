//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;
use serde::Serialize;

use super::document::{AnsweredQuestion, UnansweredQuestion};
use crate::{
    resource::knowledge::paging::Listing,
    value::{Text, lenient::Required},
};

/// An unanswered question to record.
#[derive(Object)]
pub(crate) struct NewUnansweredQuestion {
    /// Identifier of the knowledge base.
    pub(crate) namespace: Required<Text>,
    /// The question.
    pub(crate) question: Required<Text>,
    /// `request_id` of the conversation in which the question was asked.
    pub(crate) request_id: Option<Text>,
    /// Sender of the question.
    pub(crate) sender: Option<Text>,
}

/// An answered question to record.
#[derive(Object)]
pub(crate) struct NewAnsweredQuestion {
    /// Identifier of the knowledge base.
    pub(crate) namespace: Required<Text>,
    /// The question.
    pub(crate) question: Required<Text>,
    /// The answer.
    pub(crate) answer: Required<Text>,
    /// Number of tokens used for the answer.
    pub(crate) tokens: Option<u32>,
    /// `request_id` of the conversation in which the question was asked.
    pub(crate) request_id: Option<Text>,
}

/// Changes to a question.
#[derive(Object)]
pub(crate) struct QuestionPatch {
    /// New text of the question.
    pub(crate) question: Required<Text>,
}

/// Filters for listing questions.
#[derive(Object)]
pub(crate) struct QuestionFilter {
    /// Only questions that match a full-text search over `question` and, if there is one, `answer`: any of the words,
    /// every `"phrase"`, and none of the `-excluded` words or phrases. Case and accents are ignored. The best matches
    /// come first.
    pub(crate) search: Option<Text>,
    #[oai(flatten)]
    pub(crate) listing: Listing,
}

/// A page of unanswered questions.
#[derive(Object)]
pub(crate) struct UnansweredQuestionPage {
    /// Total number of questions.
    count: u64,
    /// The questions on this page.
    questions: Vec<UnansweredQuestion>,
    /// Effective query.
    query: QuestionQuery,
}

/// A page of answered questions.
#[derive(Object)]
pub(crate) struct AnsweredQuestionPage {
    /// Total number of questions.
    count: u64,
    /// The questions on this page.
    questions: Vec<AnsweredQuestion>,
    /// Effective query.
    query: QuestionQuery,
}

/// Effective query of a question list.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct QuestionQuery {
    /// Page number, counted from 0.
    pub(crate) page: u32,
    /// Page size.
    pub(crate) limit: u32,
    /// Field that the list is sorted by.
    #[oai(rename = "sortField")]
    #[serde(rename = "sortField")]
    pub(crate) sort_field: Text,
    /// Sort direction: 1 ascending, -1 descending.
    pub(crate) direction: i16,
    /// Full-text search that the list is filtered by, if any.
    pub(crate) search: Option<Text>,
}

/// Number of questions.
#[derive(Object)]
pub(crate) struct QuestionCount {
    /// Number of questions.
    pub(crate) count: usize,
}

/// Confirmation that questions were deleted.
#[derive(Object)]
pub(crate) struct QuestionsRemoved {
    /// Always `true`.
    pub(crate) success: bool,
    /// Number of deleted questions.
    pub(crate) count: usize,
    /// Human-readable message.
    pub(crate) message: Text,
}
