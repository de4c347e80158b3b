//! Analytics: metrics on conversations, messages, visitors, and events.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The documentation shows no responses; all shapes are the reference server's. A count or an average is an array of
//!   one object, or an empty array if there is nothing to count.
//! - `last` is in seconds; `lastdays` are days of 24 hours back from now.
//! - Days, months, weeks, and weekdays are in UTC; only hours follow `timezone`. Weeks are numbered from 0 and begin on
//!   Sunday; a week that spans two months is two rows.
//! - `requests/aggregate/status` returns a plain total, although the documentation promises more.
//! - Conversations in which the visitor has not written yet count only for the public waiting time.
//! - `messages/aggregate/day` covers 7 days by default, as on the reference server; the documentation says 30.
//! - Conversations without a source page share one row, and so do messages that are not a bot's answer.
//! - The kinds of tags are not documented; every kind shows the tags of conversations.

pub(crate) mod average;
pub(crate) mod calendar;
pub(crate) mod conversation;
pub(crate) mod event;
pub(crate) mod message;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod tag;
pub(crate) mod visitor;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Metrics on conversations, messages, visitors, custom events, and tags, for dashboards and reports.
    Analytics,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let averages = (average::Waiting, average::Durations, average::Satisfaction);
    let conversations = (conversation::api::ConversationCounts, conversation::api::ConversationTimes);
    let others = (message::MessageCounts, visitor::VisitorCounts, event::EventCounts, tag::TagCounts);
    Scoped::<_>::new((averages, conversations, others))
}
