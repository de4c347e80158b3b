//! Averages, as a whole, by day and by month.

use poem_openapi::Object;

use crate::{
    resource::{
        analytics::calendar::{Day, Month},
        project::model::Project,
    },
    world::{Decimal, Id, value::Nullable},
};

/// The average waiting time.
#[derive(Object)]
pub(crate) struct WaitingAverage {
    /// Project of the conversations.
    #[oai(rename = "_id")]
    project: Id<Project>,
    /// Milliseconds until a participant answered first, on average; null when nobody did.
    #[oai(rename = "waiting_time_avg")]
    average: Nullable<Decimal>,
}

/// The average waiting time of the conversations of a day.
#[derive(Object)]
pub(crate) struct WaitingDay {
    /// The day.
    #[oai(rename = "_id")]
    day: Day,
    /// Milliseconds until a participant answered first, on average; null when nobody did.
    #[oai(rename = "waiting_time_avg")]
    average: Nullable<Decimal>,
}

/// The average waiting time of the conversations of a month.
#[derive(Object)]
pub(crate) struct WaitingMonth {
    /// The month.
    #[oai(rename = "_id")]
    month: Month,
    /// Milliseconds until a participant answered first, on average; null when nobody did.
    #[oai(rename = "waiting_time_avg")]
    average: Nullable<Decimal>,
}

/// The average duration.
#[derive(Object)]
pub(crate) struct DurationAverage {
    /// Project of the conversations.
    #[oai(rename = "_id")]
    project: Id<Project>,
    /// Milliseconds from the creation to the closing, on average; null when none was closed.
    #[oai(rename = "duration_avg")]
    average: Nullable<Decimal>,
}

/// The average duration of the conversations of a day.
#[derive(Object)]
pub(crate) struct DurationDay {
    /// The day.
    #[oai(rename = "_id")]
    day: Day,
    /// Milliseconds from the creation to the closing, on average; null when none was closed.
    #[oai(rename = "duration_avg")]
    average: Nullable<Decimal>,
}

/// The average duration of the conversations of a month.
#[derive(Object)]
pub(crate) struct DurationMonth {
    /// The month.
    #[oai(rename = "_id")]
    month: Month,
    /// Milliseconds from the creation to the closing, on average; null when none was closed.
    #[oai(rename = "duration_avg")]
    average: Nullable<Decimal>,
}

/// The average rating.
#[derive(Object)]
pub(crate) struct SatisfactionAverage {
    /// Project of the conversations.
    #[oai(rename = "_id")]
    project: Id<Project>,
    /// Rating, on average; null when none was rated.
    #[oai(rename = "satisfaction_avg")]
    average: Nullable<Decimal>,
}

/// The average rating of the conversations of a day.
#[derive(Object)]
pub(crate) struct SatisfactionDay {
    /// The day.
    #[oai(rename = "_id")]
    day: Day,
    /// Rating, on average; null when none was rated.
    #[oai(rename = "satisfaction_avg")]
    average: Nullable<Decimal>,
}

/// The average rating of the conversations of a month.
#[derive(Object)]
pub(crate) struct SatisfactionMonth {
    /// The month.
    #[oai(rename = "_id")]
    month: Month,
    /// Rating, on average; null when none was rated.
    #[oai(rename = "satisfaction_avg")]
    average: Nullable<Decimal>,
}

/// Over which period an average is taken.
#[derive(Object)]
pub(crate) struct LastSeconds {
    /// Seconds back from now; 2592000, which is thirty days, unless it is said.
    pub(super) last: Option<u32>,
}
