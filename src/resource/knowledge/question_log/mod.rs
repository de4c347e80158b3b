//! Questions to knowledge bases, and the log of answered and unanswered questions.
//!
//! No language model is involved. Answers consist of the words of the contents that share the most words with the
//! question, so the same question always gets the same answer.

pub(crate) mod api;
pub(crate) mod ask;
pub(crate) mod document;
mod export;
pub(super) mod rules;
pub(crate) mod schema;
