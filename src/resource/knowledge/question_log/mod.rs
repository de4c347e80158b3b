//! Questions: asking a knowledge base, and the record of what was answered and what was not.
//!
//! No language model is asked. Answers are the words of the contents that share most words with the question, so that the
//! same question gets the same answer.

pub(crate) mod api;
pub(crate) mod ask;
pub(crate) mod document;
mod export;
pub(super) mod rules;
pub(crate) mod schema;
