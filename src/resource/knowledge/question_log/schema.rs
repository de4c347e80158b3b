//! What calls send and receive.

use poem_openapi::Object;
use serde::Serialize;

use super::document::{AnsweredQuestion, UnansweredQuestion};
use crate::{
    resource::knowledge::paging::Listing,
    value::{Text, lenient::Required},
};

/// A question without an answer to be recorded.
#[derive(Object)]
pub(crate) struct NewUnansweredQuestion {
    /// Knowledge base that was asked.
    pub(crate) namespace: Required<Text>,
    /// What was asked.
    pub(crate) question: Required<Text>,
    /// Conversation in which it was asked.
    pub(crate) request_id: Option<Text>,
    /// Who asked.
    pub(crate) sender: Option<Text>,
}

/// A question with its answer to be recorded.
#[derive(Object)]
pub(crate) struct NewAnsweredQuestion {
    /// Knowledge base that was asked.
    pub(crate) namespace: Required<Text>,
    /// What was asked.
    pub(crate) question: Required<Text>,
    /// What was answered.
    pub(crate) answer: Required<Text>,
    /// Tokens that the answer took.
    pub(crate) tokens: Option<u32>,
    /// Conversation in which it was asked.
    pub(crate) request_id: Option<Text>,
}

/// The change of a question.
#[derive(Object)]
pub(crate) struct QuestionPatch {
    /// The new text.
    pub(crate) question: Required<Text>,
}

/// Which questions a list shows.
#[derive(Object)]
pub(crate) struct QuestionFilter {
    /// Only questions that match a text search over `question`, and over `answer` if there is one: any of the words, every
    /// `"phrase"`, and none of the `-excluded` words or phrases. Case and accents are ignored. Those with most of the words
    /// come first.
    pub(crate) search: Option<Text>,
    #[oai(flatten)]
    pub(crate) listing: Listing,
}

/// A page of questions without an answer.
#[derive(Object)]
pub(crate) struct UnansweredQuestionPage {
    /// Questions on all pages.
    count: u64,
    /// The questions of this page.
    questions: Vec<UnansweredQuestion>,
    /// What was asked for.
    query: QuestionQuery,
}

/// A page of questions with their answers.
#[derive(Object)]
pub(crate) struct AnsweredQuestionPage {
    /// Questions on all pages.
    count: u64,
    /// The questions of this page.
    questions: Vec<AnsweredQuestion>,
    /// What was asked for.
    query: QuestionQuery,
}

/// What a list of questions was asked for.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct QuestionQuery {
    /// Page.
    pub(crate) page: u32,
    /// Most questions of a page.
    pub(crate) limit: u32,
    /// Field by which the questions are sorted.
    #[oai(rename = "sortField")]
    #[serde(rename = "sortField")]
    pub(crate) sort_field: Text,
    /// 1 for ascending order, -1 for descending order.
    pub(crate) direction: i16,
    /// What was searched for.
    pub(crate) search: Option<Text>,
}

/// How many questions there are.
#[derive(Object)]
pub(crate) struct QuestionCount {
    /// Questions.
    pub(crate) count: usize,
}

/// That questions were deleted.
#[derive(Object)]
pub(crate) struct QuestionsRemoved {
    /// Always true.
    pub(crate) success: bool,
    /// Questions that were deleted.
    pub(crate) count: usize,
    /// What was done.
    pub(crate) message: Text,
}
