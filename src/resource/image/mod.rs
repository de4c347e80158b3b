//! Images: how pictures were uploaded before there were files. The documentation still describes it.
//!
//! Quirks: the reference server has switched all of it off but the read, so that everything else is taken from what it did
//! before; reads need no credentials, because pages show these addresses as plain pictures.

pub(crate) mod api;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Pictures, as older clients upload them.
    Images,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::Images, api::Photos)
}
