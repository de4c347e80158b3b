//! What is counted.

use poem_openapi::Object;

use crate::world::{Text, Timestamp};

/// How it is counted.
#[derive(Object)]
pub(crate) struct CountFilter {
    /// Any value: requests that bots serve count as assigned.
    pub(crate) merge_assigned: Option<Text>,
    /// Counts the conversations of the current month instead.
    pub(crate) conversation_quota: Option<bool>,
}

/// How many requests there are. Which of the properties are there depends on what was asked for.
#[derive(Object, Default)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RequestCounts {
    /// Open requests that nobody serves.
    pub(crate) unassigned: Option<usize>,
    /// Open requests that somebody serves.
    pub(crate) assigned: Option<usize>,
    /// Open requests that bots serve.
    pub(crate) bot_assigned: Option<usize>,
    /// Requests of the month that are open.
    pub(crate) open: Option<usize>,
    /// Requests of the month that are closed.
    pub(crate) closed: Option<usize>,
    /// The month.
    pub(crate) slot: Option<Slot>,
}

/// A span of time.
#[derive(Object)]
pub(crate) struct Slot {
    /// Its first moment.
    #[oai(rename = "startDate")]
    pub(crate) start_date: Timestamp,
    /// Its last moment.
    #[oai(rename = "endDate")]
    pub(crate) end_date: Timestamp,
}
