//! Leads: people who contact a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The identifier in paths is `_id`; `lead_id` is the client's own and need not be unique.
//! - Only `lead_id`, `fullname`, `email`, and `attributes` are read on creation.
//! - `null` never clears a field. The official SDK sends `tags: null` and expects its tags to survive.
//! - Deleting sets status 1000: the lead no longer appears in lists but can still be read.

pub(crate) mod api;
pub(crate) mod author;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;
mod segment;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// People who contact the project, with their contact data, tags, and custom attributes.
    Leads,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Leads, api::LeadDetails))
}
