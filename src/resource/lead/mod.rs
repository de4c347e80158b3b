//! Leads: the people who write in.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The `id` of the paths is `_id`; `lead_id` is the customer's own and need not be unique.
//! - Only `lead_id`, `fullname`, `email` and `attributes` are read on creation.
//! - `null` never clears a field. The official SDK sends `tags: null` and expects its tags to survive.
//! - Deleting sets status 1000: the lead leaves the lists and can still be read.

pub(crate) mod api;
pub(crate) mod author;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;
mod segment;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// The people who write in.
    Leads,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Leads, api::LeadDetails))
}
