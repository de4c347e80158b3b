//! How many events were posted.

use poem_openapi::OpenApi;

use super::{
    model::{DayNameCount, EventDays},
    rules,
};
use crate::{
    http::{Admin, Filter, Member, Reply},
    resource::analytics::Section,
};

pub(crate) struct EventCounts;

#[OpenApi(tag = "Section::Analytics")]
impl EventCounts {
    /// Count events by day and name
    ///
    /// One row for each name of events on each day, the first first. Events are there for an hour.
    #[oai(path = "/analytics/events/aggregate/day", method = "get", operation_id = "aggregate_events_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<EventDays>) -> Reply<Vec<DayNameCount>> {
        Reply::new(rules::by_day_and_name(&member.scope, &filter.0))
    }
}
