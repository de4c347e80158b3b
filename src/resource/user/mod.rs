//! Users: accounts, independent of projects.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Reading the caller's account returns five of its fields; changing it returns all.
//! - Error bodies use different keys (`msg`, `message`).
//! - Closing an account anonymizes it and keeps its memberships.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Accounts of users, independent of projects.
    User,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::Users, api::PublicUsers)
}
