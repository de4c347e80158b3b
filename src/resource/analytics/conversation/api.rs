//! How many conversations there are.

use poem_openapi::OpenApi;

use super::{
    rules,
    schema::{
        BotDays, ConversationDays, ConversationMonths, DayBotCount, DayStatusCount, HourCount, SourcePageCount,
        SourcePageDays, StatusDays, WeekdayHourCount, ZoneFilter,
    },
};
use crate::{
    http::{Admin, Filter, Member, Reply},
    resource::analytics::{
        Section,
        schema::{DayCount, MonthCount, TotalCount, WeekCount},
    },
    value::Result,
};

pub(crate) struct ConversationCounts;

#[OpenApi(tag = "Section::Analytics")]
impl ConversationCounts {
    /// Count conversations
    ///
    /// The conversations of the last 30 days.
    #[oai(path = "/analytics/requests/count", method = "get", operation_id = "count_requests")]
    async fn count(&self, member: Member<Admin>) -> Reply<Vec<TotalCount>> {
        Reply::new(rules::count(&member.scope))
    }

    /// Count conversations with bots
    ///
    /// The conversations of the last 30 days that a bot serves.
    #[oai(path = "/analytics/requests/hasBot/count", method = "get", operation_id = "count_bot_requests")]
    async fn count_with_bot(&self, member: Member<Admin>) -> Reply<Vec<TotalCount>> {
        Reply::new(rules::count_with_bot(&member.scope))
    }

    /// Count conversations for their states
    ///
    /// The conversations of the last 30 days, whatever their status is.
    #[oai(path = "/analytics/requests/aggregate/status", method = "get", operation_id = "aggregate_requests_by_status")]
    async fn by_status(&self, member: Member<Admin>) -> Reply<Vec<TotalCount>> {
        Reply::new(rules::count(&member.scope))
    }

    /// Count conversations by status and day
    ///
    /// One row for each status of each day that has such conversations, the first first.
    #[oai(
        path = "/analytics/requests/aggregate/status/day",
        method = "get",
        operation_id = "aggregate_requests_by_status_and_day"
    )]
    async fn by_status_and_day(&self, member: Member<Admin>, filter: Filter<StatusDays>) -> Reply<Vec<DayStatusCount>> {
        Reply::new(rules::by_status_and_day(&member.scope, &filter.0))
    }

    /// Count conversations with and without bots by day
    ///
    /// One row for each day that has conversations with bots, and one for each that has others, the first first.
    #[oai(
        path = "/analytics/requests/aggregate/hasBot/day",
        method = "get",
        operation_id = "aggregate_bot_requests_by_day"
    )]
    async fn by_bot_and_day(&self, member: Member<Admin>, filter: Filter<BotDays>) -> Reply<Vec<DayBotCount>> {
        Reply::new(rules::by_bot_and_day(&member.scope, &filter.0))
    }

    /// Count conversations by source page
    ///
    /// One row for each page from which conversations came.
    #[oai(
        path = "/analytics/requests/aggregate/sourcePage",
        method = "get",
        operation_id = "aggregate_requests_by_source_page"
    )]
    async fn by_source_page(
        &self,
        member: Member<Admin>,
        filter: Filter<SourcePageDays>,
    ) -> Reply<Vec<SourcePageCount>> {
        Reply::new(rules::by_source_page(&member.scope, &filter.0))
    }
}

pub(crate) struct ConversationTimes;

#[OpenApi(tag = "Section::Analytics")]
impl ConversationTimes {
    /// Count conversations by day
    ///
    /// One row for each day that has conversations, the first first.
    #[oai(path = "/analytics/requests/aggregate/day", method = "get", operation_id = "aggregate_requests_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<DayCount>> {
        Reply::new(rules::by_day(&member.scope, &filter.0))
    }

    /// Count conversations by month
    ///
    /// One row for each month of all time that has conversations, the first first.
    #[oai(path = "/analytics/requests/aggregate/month", method = "get", operation_id = "aggregate_requests_by_month")]
    async fn by_month(&self, member: Member<Admin>, filter: Filter<ConversationMonths>) -> Reply<Vec<MonthCount>> {
        Reply::new(rules::by_month(&member.scope, &filter.0))
    }

    /// Count conversations by week
    ///
    /// One row for each week of all time that has conversations, the first first.
    #[oai(path = "/analytics/requests/aggregate/week", method = "get", operation_id = "aggregate_requests_by_week")]
    async fn by_week(&self, member: Member<Admin>) -> Reply<Vec<WeekCount>> {
        Reply::new(rules::by_week(&member.scope))
    }

    /// Count conversations by hour
    ///
    /// One row for each hour of the day at which conversations of the last 30 days began, the last first.
    #[oai(path = "/analytics/requests/aggregate/hours", method = "get", operation_id = "aggregate_requests_by_hour")]
    async fn by_hour(&self, member: Member<Admin>, filter: Filter<ZoneFilter>) -> Result<Reply<Vec<HourCount>>> {
        rules::by_hour(&member.scope, &filter.0).map(Reply::new)
    }

    /// Count conversations by weekday and hour
    ///
    /// One row for each hour of each day of the week at which conversations of the last 30 days began, the last first.
    #[oai(
        path = "/analytics/requests/aggregate/dayoftheweek/hours",
        method = "get",
        operation_id = "aggregate_requests_by_weekday_and_hour"
    )]
    async fn by_weekday_and_hour(
        &self,
        member: Member<Admin>,
        filter: Filter<ZoneFilter>,
    ) -> Result<Reply<Vec<WeekdayHourCount>>> {
        rules::by_weekday_and_hour(&member.scope, &filter.0).map(Reply::new)
    }
}
