//! Canned responses: texts that the team picks while it chats. `canned` in paths.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - What owners and administrators create is shared with the team; what agents create is their own unless they share it.
//!   Old ones say nothing of it and count as shared.
//! - Lists show shared ones and the caller's own; by its id only who created it reads one.
//! - Agents change their own, owners and administrators the shared ones, supervisors both.
//! - Deleting sets status 1000: the response leaves the lists and can still be read, changed and deleted.

pub(crate) mod api;
pub(crate) mod document;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Texts that the team picks while it chats.
    #[oai(rename = "Canned responses")]
    CannedResponses,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::CannedResponses, api::CannedResponseDetails))
}
