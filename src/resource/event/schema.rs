//! What calls send and receive.

use poem_openapi::Object;

use super::document::CustomEvent;
use crate::{
    http::SortedPage,
    value::{JsonObject, Text},
};

/// An event to be stored and told.
#[derive(Object)]
pub(crate) struct NewCustomEvent {
    /// Name, without `event.emit.` before it.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

/// Which events a list shows.
#[derive(Object)]
pub(crate) struct CustomEventFilter {
    /// Only events that this member of the project posted.
    pub(crate) project_user: Option<Text>,
    #[oai(flatten)]
    pub(crate) pages: SortedPage,
}

/// A page of events.
#[derive(Object)]
pub(crate) struct CustomEventPage {
    /// Most events of a page.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Events on all pages.
    count: u64,
    /// The events of this page.
    events: Vec<CustomEvent>,
}
