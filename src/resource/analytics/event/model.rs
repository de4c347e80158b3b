//! Rows of events, and which of them are counted.

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    resource::analytics::{calendar::Day, model::LastDays},
    world::Text,
};

/// How many events of a name were posted on a day.
#[derive(Object)]
pub(crate) struct DayNameCount {
    /// The day and the name.
    #[oai(rename = "_id")]
    key: DayName,
    /// How many.
    count: u64,
}

/// A day in UTC and a name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(crate) struct DayName {
    #[oai(flatten)]
    #[serde(flatten)]
    pub(super) day: Day,
    /// Name of the events.
    pub(super) name: Text,
}

/// The events of some days.
#[derive(Object)]
pub(crate) struct EventDays {
    #[oai(flatten)]
    pub(crate) period: LastDays,
    /// Only events of this name. Without it all are counted but `typing.start`.
    pub(crate) name: Option<Text>,
}
