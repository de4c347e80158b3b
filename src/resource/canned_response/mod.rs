//! Canned responses: reusable texts that teammates insert while chatting. `canned` in paths.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Canned responses of owners and administrators are shared with the team; those of others are private unless they
//!   share them. Older ones without the field are shared.
//! - Lists contain shared ones and the caller's own; only the creator can read one by its ID.
//! - Agents can change their own, owners and administrators shared ones, supervisors both.
//! - Deleting sets status 1000: the response disappears from lists, and can still be read, changed, and deleted.

pub(crate) mod api;
pub(crate) mod document;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Reusable texts that teammates insert while chatting, private or shared with the team.
    #[oai(rename = "Canned responses")]
    CannedResponses,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::CannedResponses, api::CannedResponseDetails))
}
