//! What calls send and receive.

use poem_openapi::Object;

/// Which page of the history is shown.
#[derive(Object)]
pub(crate) struct HistoryFilter {
    /// Page of 40 entries, counted from 0.
    pub(crate) page: Option<u32>,
}
