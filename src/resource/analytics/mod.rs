//! Analytics: figures of conversations, messages, visitors and events.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The documentation prints no answer; all shapes are the reference server's. A count is an array of one object, and an
//!   empty array when there is nothing; so is an average.
//! - `last` is in seconds; `lastdays` are days of 24 hours back from now.
//! - Days, months, weeks and weekdays are those of UTC. Weeks are numbered from 0 and begin on Sunday; one that lies in two
//!   months is two rows. Only the hours follow a `timezone`.
//! - `requests/aggregate/status` answers a plain total: the documentation promises more.
//! - Conversations in which the visitor did not write yet count for nothing, except for the public waiting time.
//! - Days of `messages/aggregate/day` are 7 unless it is said: the documentation says 30, the reference server does 7.
//! - A conversation without a page is a row without one; messages that are no answer are in no row of answers.
//! - Which kinds of tags there are is told nowhere: each shows those of conversations.

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

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Figures of conversations, messages and visitors.
    Analytics,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let averages = (average::Waiting, average::Durations, average::Satisfaction);
    let conversations = (conversation::api::ConversationCounts, conversation::api::ConversationTimes);
    let others = (message::MessageCounts, visitor::VisitorCounts, event::EventCounts, tag::TagCounts);
    Scoped::<_>::new((averages, conversations, others))
}
