//! The team: the memberships of users in a project, with roles and availability. Visitors are members, too.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Getting a teammate by user ID returns an array of one; the official SDK reads its first element.
//! - Updating the caller's own membership ignores the role, although the documentation's own example sends one;
//!   updating by ID does not.
//! - Removing a teammate disables it unless `soft` or `hard` is exactly `true`; `soft` takes precedence.
//! - Inviting a person without an account returns a different body, and status 200 even if the invitation is refused.

pub(crate) mod api;
pub(crate) mod authority;
pub(crate) mod document;
pub(crate) mod invitation;
pub(crate) mod payload;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Members of projects, with their roles and availability.
    Team,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Team, api::TeammateDetails))
}
