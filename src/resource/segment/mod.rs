//! Segments: named sets of leads, each defined by filters on the fields of leads.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Filters name fields of leads, with dots for nested fields: `attributes.plan`.
//! - Text is compared case-sensitively, and values are not converted: `"5"` does not equal `5`.
//! - Deleting sets status 0: the segment no longer appears in lists but can still be read, and still filters lists of
//!   leads.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod evaluate;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Named sets of leads, defined by filters on the fields of leads.
    Segments,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Segments, api::SegmentDetails))
}
