//! Requests: conversations between a visitor and the teammates or bots of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - All operations find a request by its `request_id`, which the caller may choose; `_id` is Tiledesk's own.
//! - The status follows from who participates, except that closing, reopening and patching set it.
//! - Reopening answers status 100 even when somebody still participates.
//! - `sortField` and `sort`, `hasBot` and `hasbot`, `rate` and `rating` are both read.
//! - A call that changes nothing (adding who is there already) tells nobody.
//! - What concerns the lead, the department and the requester is shown as it is now; `snapshot` keeps what was.

pub(crate) mod api;
pub(crate) mod authority;
pub(crate) mod chatbot_parameters;
pub(crate) mod close;
pub(crate) mod count;
pub(crate) mod document;
pub(crate) mod follower;
pub(crate) mod history;
mod index;
pub(crate) mod note;
pub(crate) mod participant;
pub(crate) mod respond;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod search;
pub(crate) mod snapshot;
pub(crate) mod tag;
pub(crate) mod v1;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Conversations.
    Requests,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let found = (search::api::Searches, count::Counts, api::ById, api::Requests, api::RequestDetails);
    let people = (participant::api::Participants, follower::Followers);
    let about = (note::api::Notes, tag::api::RequestTags, history::History, chatbot_parameters::Parameters);
    Scoped::<_>::new((found, close::Closings, people, about))
}
