//! Tags: the names and colours that a project offers for its requests and leads.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Requests and leads hold copies of tags; nothing that happens here changes those.
//! - A name is there once in a project. Who creates it again gets the tag that is there, unchanged.
//! - Pages have 40 tags, whatever `limit` says.
//! - Deleting removes for good and answers how many were removed.

pub(crate) mod api;
pub(crate) mod document;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// The tags that projects offer for requests and leads.
    Tags,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Tags, api::TagDetails))
}
