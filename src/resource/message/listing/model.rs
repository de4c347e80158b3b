//! What can be asked of lists of messages.

use poem_openapi::Object;

use crate::world::Text;

/// Which messages of the project are listed.
#[derive(Object)]
pub(crate) struct MessageListFilter {
    /// Page of results, counted from 0.
    pub(crate) page: Option<u32>,
    /// Maximum page size (default 10); 0 lists everything. Values above 50 count as 10.
    pub(crate) limit: Option<u32>,
    /// Any value: each message has its conversation inside.
    pub(crate) populate_request: Option<Text>,
}
