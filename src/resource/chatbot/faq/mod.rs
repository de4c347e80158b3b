//! Faqs: what a bot answers to what. Newer names of them are intents.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - A question holds several examples, one a line. A line that begins with a backslash is a command: `\start`.
//! - `intentId` before an `intent_id` stands for the identifier where a faq is updated or deleted.
//! - An answer is a text, or what the actions of the visual editor say. The CSV import makes such actions, and bots start with
//!   some.
//! - Agents see the faqs that are available to them, without the machinery, and less of each.

pub(crate) mod api;
pub(crate) mod batch;
pub(crate) mod document;
pub(crate) mod index;
pub(crate) mod matching;
pub(crate) mod rules;
pub(crate) mod schema;
