//! Groups: named sets of teammates to which departments can route conversations.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Every agent can create, update, and delete groups.
//! - Deleting soft-deletes a group and returns it; `force=true` removes it.
//! - The users named as members need not exist.

pub(crate) mod api;
pub(crate) mod document;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Groups are named sets of teammates to which departments can route conversations.
    Groups,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Groups, api::GroupDetails))
}
