//! Requests: conversations between a visitor and the teammates or bots of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - All operations but one find a request by its `request_id`, which the client may choose; `_id` is assigned by
//!   Tiledesk.
//! - The status follows from the participants, except that closing, reopening, and patching set it.
//! - Reopening sets status 100 even if there are participants.
//! - `sortField` and `sort`, `hasBot` and `hasbot`, `rate` and `rating` are all accepted.
//! - A call that changes nothing, such as adding a participant again, emits no event. Notes and tags are the exception.
//! - Lead, department, and requester are shown in their current state; `snapshot` keeps the earlier one.

pub(crate) mod api;
pub(crate) mod authority;
pub(crate) mod chatbot_parameters;
pub(crate) mod close;
pub(crate) mod count;
pub(crate) mod document;
pub(crate) mod follower;
pub(crate) mod history;
pub(crate) mod index;
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

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Conversations between visitors and the teammates or bots of a project.
    Requests,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let found = (search::api::Searches, count::Counts, api::ById, api::Requests, api::RequestDetails);
    let people = (participant::api::Participants, follower::Followers);
    let about = (note::api::Notes, tag::api::RequestTags, history::History, chatbot_parameters::Parameters);
    Scoped::<_>::new((found, close::Closings, people, about))
}
