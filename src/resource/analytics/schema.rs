//! What is answered in more than one place: totals, and rows by time.

use poem_openapi::Object;

use super::calendar::{Day, Month, Week};

/// How many there are.
#[derive(Object)]
pub(super) struct TotalCount {
    /// How many.
    #[oai(rename = "totalCount")]
    total_count: u64,
}

/// How many there are of a day.
#[derive(Object)]
pub(super) struct DayCount {
    /// The day.
    #[oai(rename = "_id")]
    day: Day,
    /// How many.
    count: u64,
}

/// How many there are of a month.
#[derive(Object)]
pub(super) struct MonthCount {
    /// The month.
    #[oai(rename = "_id")]
    month: Month,
    /// How many.
    count: u64,
}

/// How many there are of a week.
#[derive(Object)]
pub(super) struct WeekCount {
    /// The week.
    #[oai(rename = "_id")]
    week: Week,
    /// How many.
    count: u64,
}

/// How far back days are counted.
#[derive(Object)]
pub(crate) struct LastDays {
    /// Days of 24 hours back from now; 7 unless it is said.
    pub(super) lastdays: Option<u32>,
}
