//! Groups: named sets of teammates to whom departments can route conversations.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Every agent may write groups.
//! - Deleting hides a group and answers it; `force=true` removes it.
//! - The users named as members are not looked up.

pub(crate) mod api;
pub(crate) mod document;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Sets of teammates.
    Groups,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Groups, api::GroupDetails))
}
