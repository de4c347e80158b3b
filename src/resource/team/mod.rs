//! The team: the memberships of users in a project, with role and availability. Visitors are members too.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - A teammate by user id is an array of one; the official SDK reads its first element.
//! - Updating oneself leaves the role, though the documentation's own example tries; updating by id does not.
//! - Removing a teammate disables it unless `soft` or `hard` is exactly `true`; `soft` wins.
//! - An invitation of somebody without an account is answered with another body, and status 200 also when it is refused.

pub(crate) mod api;
pub(crate) mod authority;
pub(crate) mod document;
pub(crate) mod invitation;
pub(crate) mod payload;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// The members of projects, with their roles and their availability.
    Team,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Team, api::TeammateDetails))
}
