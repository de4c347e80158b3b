//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

/// Page of the delivery history.
#[derive(Object)]
pub(crate) struct HistoryFilter {
    /// Page of 40 entries, counted from 0.
    pub(crate) page: Option<u32>,
}
