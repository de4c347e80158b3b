//! Rows of conversations, and which of them are counted.

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    resource::analytics::calendar::{Day, Hour, WeekdayHour},
    value::Text,
};

/// How many conversations there are of an hour of the day.
#[derive(Object)]
pub(crate) struct HourCount {
    /// The hour.
    #[oai(rename = "_id")]
    hour: Hour,
    /// How many.
    count: u64,
}

/// How many conversations there are of an hour of a day of the week.
#[derive(Object)]
pub(crate) struct WeekdayHourCount {
    /// The hour and the day of the week.
    #[oai(rename = "_id")]
    hour: WeekdayHour,
    /// How many.
    count: u64,
}

/// How many conversations of a day have a status.
#[derive(Object)]
pub(crate) struct DayStatusCount {
    /// The day and the status.
    #[oai(rename = "_id")]
    key: DayStatus,
    /// How many.
    count: u64,
}

/// A day in UTC and a status.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(crate) struct DayStatus {
    #[oai(flatten)]
    #[serde(flatten)]
    pub(super) day: Day,
    /// 50 temporary, 100 unserved, 150 abandoned, 200 served, 1000 closed.
    pub(super) status: u16,
}

/// How many conversations of a day a bot serves, or no bot.
#[derive(Object)]
pub(crate) struct DayBotCount {
    /// The day, and whether a bot serves them.
    #[oai(rename = "_id")]
    key: DayBot,
    /// How many.
    count: u64,
}

/// A day in UTC, and whether a bot serves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(crate) struct DayBot {
    #[oai(flatten)]
    #[serde(flatten)]
    pub(super) day: Day,
    /// Whether a bot serves.
    #[oai(rename = "hasBot")]
    #[serde(rename = "hasBot")]
    pub(super) has_bot: bool,
}

/// How many conversations come from a page.
#[derive(Object)]
pub(crate) struct SourcePageCount {
    /// The page.
    #[oai(rename = "_id")]
    page: SourcePage,
    /// How many.
    count: u64,
}

/// Where conversations come from.
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct SourcePage {
    /// The page, unless it is not known.
    #[oai(rename = "sourcePage")]
    #[serde(rename = "sourcePage")]
    pub(super) page: Option<Text>,
}

/// The conversations of some days.
#[derive(Object)]
pub(crate) struct ConversationDays {
    /// Days of 24 hours back from now; 7 unless it is said.
    pub(crate) lastdays: Option<u32>,
    /// Only conversations of this department.
    pub(crate) department_id: Option<Text>,
    /// Only conversations that this one serves: a user's identifier, or `bot_` and that of a bot.
    pub(crate) participant: Option<Text>,
    /// Only conversations of this channel.
    pub(crate) channel: Option<Text>,
}

/// The conversations of some days, by their states.
#[derive(Object)]
pub(crate) struct StatusDays {
    /// Days of 24 hours back from now; 7 unless it is said.
    pub(crate) lastdays: Option<u32>,
    /// Only conversations of this department.
    pub(crate) department_id: Option<Text>,
    /// Only conversations that this one serves: a user's identifier, or `bot_` and that of a bot.
    pub(crate) participant: Option<Text>,
}

/// The conversations of some days, with bots and without.
#[derive(Object)]
pub(crate) struct BotDays {
    /// Days of 24 hours back from now; 7 unless it is said.
    pub(crate) lastdays: Option<u32>,
    /// Only conversations of this department.
    pub(crate) department_id: Option<Text>,
    /// Only conversations of this channel.
    pub(crate) channel: Option<Text>,
}

/// The conversations of some days, by where they come from.
#[derive(Object)]
pub(crate) struct SourcePageDays {
    /// Days of 24 hours back from now; 30 unless it is said.
    pub(crate) lastdays: Option<u32>,
    /// Only conversations of this department.
    pub(crate) department_id: Option<Text>,
}

/// The conversations of all time.
#[derive(Object)]
pub(crate) struct ConversationMonths {
    /// Only conversations of this department.
    pub(crate) department_id: Option<Text>,
}

/// Where it is what time.
#[derive(Object)]
pub(crate) struct ZoneFilter {
    /// Time zone of the hours: an offset, `+02:00`, or a name, `Europe/Rome`. UTC unless it is said.
    pub(crate) timezone: Option<Text>,
}
