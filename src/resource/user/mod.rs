//! Users: the accounts behind credentials, independent of projects.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Reading the own account shows five fields of it, changing it shows all.
//! - The keys of the bodies that say no differ (`msg`, `message`).
//! - Closing an account makes it anonymous and keeps its memberships.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// The accounts behind credentials.
    User,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::Users, api::PublicUsers)
}
