//! Counts of custom events.

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::{
    Section,
    calendar::Day,
    rules::{counted, documents, now},
    schema::LastDays,
};
use crate::{
    http::{Admin, Filter, Member, Reply},
    resource::event::{document::CustomEvent, rules::alive},
    state::{ProjectScope, query::Selection},
    store::Direction,
    value::Text,
};

/// Number of events with one name on one day.
#[derive(Object)]
pub(crate) struct DayNameCount {
    /// Day and event name.
    #[oai(rename = "_id")]
    key: DayName,
    /// Number of matching objects.
    count: u64,
}

/// A day in UTC and an event name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(crate) struct DayName {
    #[oai(flatten)]
    #[serde(flatten)]
    day: Day,
    /// Event name.
    name: Text,
}

/// Filters for event counts.
#[derive(Object)]
pub(crate) struct EventDays {
    #[oai(flatten)]
    pub(crate) period: LastDays,
    /// Only events with this name (default: all names except `typing.start`).
    pub(crate) name: Option<Text>,
}

pub(crate) struct EventCounts;

#[OpenApi(tag = "Section::Analytics")]
impl EventCounts {
    /// Count events by day and name
    ///
    /// Counts the custom events posted in the project. Events expire after one hour and are no longer counted then.
    ///
    /// Returns one row per day and event name, in ascending order.
    #[oai(path = "/analytics/events/aggregate/day", method = "get", operation_id = "aggregate_events_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<EventDays>) -> Reply<Vec<DayNameCount>> {
        Reply::new(by_day_and_name(&member.scope, &filter.0))
    }
}

/// Left out of unfiltered counts: typing produces too many events to be of interest.
const TYPING: &str = "typing.start";

fn by_day_and_name(scope: &ProjectScope, days: &EventDays) -> Bytes {
    let term = match &days.name {
        Some(name) => CustomEvent::of_name(scope.project, name),
        None => CustomEvent::of_project(scope.project),
    };
    let start = days.period.range(scope).start.max(alive(now(scope)).start);
    let events =
        documents::<CustomEvent>(scope, Selection { range: start..i64::MAX, ..Selection::of(vec![vec![term]]) });
    let keys = events.iter().map(|event| event.value());
    let keys = keys.map(|event| DayName { day: Day::of(event.created_at), name: event.name.clone() });
    counted(keys.filter(|key| days.name.is_some() || &*key.name != TYPING), Direction::Ascending)
}
