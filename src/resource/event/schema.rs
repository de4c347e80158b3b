//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::CustomEvent;
use crate::{
    http::SortedPage,
    value::{JsonObject, Text},
};

/// An event to create.
#[derive(Object)]
pub(crate) struct NewCustomEvent {
    /// Name, without the prefix `event.emit.`.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

/// Filters and paging for listing events.
#[derive(Object)]
pub(crate) struct CustomEventFilter {
    /// Only events posted by the project member with this identifier.
    pub(crate) project_user: Option<Text>,
    #[oai(flatten)]
    pub(crate) pages: SortedPage,
}

/// One page of events.
#[derive(Object)]
pub(crate) struct CustomEventPage {
    /// Page size.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Total number of events.
    count: u64,
    /// The events on this page.
    events: Vec<CustomEvent>,
}
