//! FAQs: the questions that a bot recognizes, with their answers; called intents in newer parts of the API.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - A question has several examples, one per line. A line that begins with a backslash is a command: `\start`.
//! - `intentId` followed by an `intent_id` replaces the identifier when an FAQ is updated or deleted.
//! - An answer is a text, or the texts that the actions of the visual editor send. The CSV import creates such actions,
//!   and so do templates.
//! - Agents see only the FAQs available to them, without `start` and the fallback, and with fewer fields.

pub(crate) mod api;
pub(crate) mod batch;
pub(crate) mod document;
pub(crate) mod index;
pub(crate) mod matching;
pub(crate) mod rules;
pub(crate) mod schema;
