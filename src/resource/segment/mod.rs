//! Segments: named sets of leads, each defined by what its leads have in common.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Filters name fields of leads, with dots for what is inside: `attributes.plan`.
//! - Texts are compared as they are written, and nothing is converted: `"5"` is not `5`.
//! - Deleting sets status 0: the segment leaves the list, can still be read, and still narrows lists of leads.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod evaluate;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Named sets of leads.
    Segments,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Segments, api::SegmentDetails))
}
