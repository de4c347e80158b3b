//! Response shapes shared by several counts: totals, and rows by time.

use poem_openapi::Object;

use super::calendar::{Day, Month, Week};

/// A total.
#[derive(Object)]
pub(super) struct TotalCount {
    /// Number of matching objects.
    #[oai(rename = "totalCount")]
    total_count: u64,
}

/// Number of objects on one day.
#[derive(Object)]
pub(super) struct DayCount {
    /// Day.
    #[oai(rename = "_id")]
    day: Day,
    /// Number of matching objects.
    count: u64,
}

/// Number of objects in one month.
#[derive(Object)]
pub(super) struct MonthCount {
    /// Month.
    #[oai(rename = "_id")]
    month: Month,
    /// Number of matching objects.
    count: u64,
}

/// Number of objects in one week.
#[derive(Object)]
pub(super) struct WeekCount {
    /// Week.
    #[oai(rename = "_id")]
    week: Week,
    /// Number of matching objects.
    count: u64,
}

/// Period of a count.
#[derive(Object)]
pub(crate) struct LastDays {
    /// Number of 24-hour days back from now (default 7).
    pub(super) lastdays: Option<u32>,
}
