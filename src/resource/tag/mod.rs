//! Tags: names and colors that a project offers for its requests and leads.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Requests and leads hold copies of tags, which changes to tags do not affect.
//! - Tag names are unique in a project. Creating a tag with an existing name returns the existing tag unchanged.
//! - Pages have 40 tags; `limit` is ignored.
//! - Deleting is permanent and returns the number of removed tags.

pub(crate) mod api;
pub(crate) mod document;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Tags that a project offers for its requests and leads.
    Tags,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Tags, api::TagDetails))
}
