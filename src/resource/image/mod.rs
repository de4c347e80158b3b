//! Images: the older resource for uploads, replaced by files but still documented.
//!
//! Quirks: the reference server has disabled everything but reading, so the rest follows its earlier behavior. Reading
//! needs no credentials, because pages embed these URLs as plain images.

pub(crate) mod api;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Image uploads by older clients.
    Images,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::Images, api::Photos)
}
