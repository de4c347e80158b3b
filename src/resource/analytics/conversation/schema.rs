//! Rows and filters of conversation counts.

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    resource::analytics::calendar::{Day, Hour, WeekdayHour},
    value::Text,
};

/// Number of conversations in one hour of the day.
#[derive(Object)]
pub(crate) struct HourCount {
    /// Hour.
    #[oai(rename = "_id")]
    hour: Hour,
    /// Number of matching objects.
    count: u64,
}

/// Number of conversations in one hour of one weekday.
#[derive(Object)]
pub(crate) struct WeekdayHourCount {
    /// Hour and weekday.
    #[oai(rename = "_id")]
    hour: WeekdayHour,
    /// Number of matching objects.
    count: u64,
}

/// Number of conversations with one status on one day.
#[derive(Object)]
pub(crate) struct DayStatusCount {
    /// Day and status.
    #[oai(rename = "_id")]
    key: DayStatus,
    /// Number of matching objects.
    count: u64,
}

/// A day in UTC and a status.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(crate) struct DayStatus {
    #[oai(flatten)]
    #[serde(flatten)]
    pub(super) day: Day,
    /// Status: 50 (temporary), 100 (unserved), 150 (abandoned), 200 (served), or 1000 (closed).
    pub(super) status: u16,
}

/// Number of conversations with or without a bot on one day.
#[derive(Object)]
pub(crate) struct DayBotCount {
    /// Day, and whether a bot participates.
    #[oai(rename = "_id")]
    key: DayBot,
    /// Number of matching objects.
    count: u64,
}

/// A day in UTC, and whether a bot participates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(crate) struct DayBot {
    #[oai(flatten)]
    #[serde(flatten)]
    pub(super) day: Day,
    /// Whether a bot participates.
    #[oai(rename = "hasBot")]
    #[serde(rename = "hasBot")]
    pub(super) has_bot: bool,
}

/// Number of conversations from one source page.
#[derive(Object)]
pub(crate) struct SourcePageCount {
    /// Source page.
    #[oai(rename = "_id")]
    page: SourcePage,
    /// Number of matching objects.
    count: u64,
}

/// The source page of conversations.
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct SourcePage {
    /// Source page; absent if unknown.
    #[oai(rename = "sourcePage")]
    #[serde(rename = "sourcePage")]
    pub(super) page: Option<Text>,
}

/// Filters for conversation counts by day.
#[derive(Object)]
pub(crate) struct ConversationDays {
    /// Number of 24-hour days back from now (default 7).
    pub(crate) lastdays: Option<u32>,
    /// Only conversations of the department with this identifier.
    pub(crate) department_id: Option<Text>,
    /// Only conversations with this participant: the identifier of a user, or `bot_` followed by the identifier of a
    /// bot.
    pub(crate) participant: Option<Text>,
    /// Only conversations of this channel.
    pub(crate) channel: Option<Text>,
}

/// Filters for conversation counts by status and day.
#[derive(Object)]
pub(crate) struct StatusDays {
    /// Number of 24-hour days back from now (default 7).
    pub(crate) lastdays: Option<u32>,
    /// Only conversations of the department with this identifier.
    pub(crate) department_id: Option<Text>,
    /// Only conversations with this participant: the identifier of a user, or `bot_` followed by the identifier of a
    /// bot.
    pub(crate) participant: Option<Text>,
}

/// Filters for conversation counts with and without bots.
#[derive(Object)]
pub(crate) struct BotDays {
    /// Number of 24-hour days back from now (default 7).
    pub(crate) lastdays: Option<u32>,
    /// Only conversations of the department with this identifier.
    pub(crate) department_id: Option<Text>,
    /// Only conversations of this channel.
    pub(crate) channel: Option<Text>,
}

/// Filters for conversation counts by source page.
#[derive(Object)]
pub(crate) struct SourcePageDays {
    /// Number of 24-hour days back from now (default 30).
    pub(crate) lastdays: Option<u32>,
    /// Only conversations of the department with this identifier.
    pub(crate) department_id: Option<Text>,
}

/// Filters for conversation counts by month.
#[derive(Object)]
pub(crate) struct ConversationMonths {
    /// Only conversations of the department with this identifier.
    pub(crate) department_id: Option<Text>,
}

/// Time zone of a count.
#[derive(Object)]
pub(crate) struct ZoneFilter {
    /// Time zone of the hours: an offset such as `+02:00`, or an IANA name such as `Europe/Rome` (default UTC).
    pub(crate) timezone: Option<Text>,
}
