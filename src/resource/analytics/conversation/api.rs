//! Counts of conversations.

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
    /// Count the project's conversations
    ///
    /// Counts the conversations created in the last 30 days.
    ///
    /// Returns an array with the total, empty if there are no conversations.
    #[oai(path = "/analytics/requests/count", method = "get", operation_id = "count_requests")]
    async fn count(&self, member: Member<Admin>) -> Reply<Vec<TotalCount>> {
        Reply::new(rules::count(&member.scope))
    }

    /// Count conversations with bots
    ///
    /// Counts the conversations created in the last 30 days that have a bot as participant.
    ///
    /// Returns an array with the total, empty if there are no conversations.
    #[oai(path = "/analytics/requests/hasBot/count", method = "get", operation_id = "count_bot_requests")]
    async fn count_with_bot(&self, member: Member<Admin>) -> Reply<Vec<TotalCount>> {
        Reply::new(rules::count_with_bot(&member.scope))
    }

    /// Count conversations of any status
    ///
    /// Counts the conversations created in the last 30 days, regardless of their status. Despite its path, the
    /// operation does not group them.
    ///
    /// Returns an array with the total, empty if there are no conversations.
    #[oai(path = "/analytics/requests/aggregate/status", method = "get", operation_id = "aggregate_requests_by_status")]
    async fn by_status(&self, member: Member<Admin>) -> Reply<Vec<TotalCount>> {
        Reply::new(rules::count(&member.scope))
    }

    /// Count conversations by status and day
    ///
    /// Days without conversations of a status have no row for it.
    ///
    /// Returns one row per day and status, in ascending order.
    #[oai(
        path = "/analytics/requests/aggregate/status/day",
        method = "get",
        operation_id = "aggregate_requests_by_status_and_day"
    )]
    async fn by_status_and_day(&self, member: Member<Admin>, filter: Filter<StatusDays>) -> Reply<Vec<DayStatusCount>> {
        Reply::new(rules::by_status_and_day(&member.scope, &filter.0))
    }

    /// Count conversations by bot and day
    ///
    /// Counts conversations with and without bots separately. Days without conversations of a kind have no row for it.
    ///
    /// Returns one row per day and kind, in ascending order.
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
    /// Conversations whose source page is unknown share a row without one.
    ///
    /// Returns one row per source page.
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
    /// Days without conversations have no row.
    ///
    /// Returns one row per day, in ascending order.
    #[oai(path = "/analytics/requests/aggregate/day", method = "get", operation_id = "aggregate_requests_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<DayCount>> {
        Reply::new(rules::by_day(&member.scope, &filter.0))
    }

    /// Count conversations by month
    ///
    /// Counts all conversations, regardless of age. Months without conversations have no row.
    ///
    /// Returns one row per month, in ascending order.
    #[oai(path = "/analytics/requests/aggregate/month", method = "get", operation_id = "aggregate_requests_by_month")]
    async fn by_month(&self, member: Member<Admin>, filter: Filter<ConversationMonths>) -> Reply<Vec<MonthCount>> {
        Reply::new(rules::by_month(&member.scope, &filter.0))
    }

    /// Count conversations by week
    ///
    /// Counts all conversations, regardless of age. Weeks without conversations have no row.
    ///
    /// Returns one row per week, in ascending order.
    #[oai(path = "/analytics/requests/aggregate/week", method = "get", operation_id = "aggregate_requests_by_week")]
    async fn by_week(&self, member: Member<Admin>) -> Reply<Vec<WeekCount>> {
        Reply::new(rules::by_week(&member.scope))
    }

    /// Count conversations by hour
    ///
    /// Groups the conversations created in the last 30 days by the hour of their creation, in the requested time zone.
    ///
    /// Returns one row per hour of the day, in descending order.
    #[oai(path = "/analytics/requests/aggregate/hours", method = "get", operation_id = "aggregate_requests_by_hour")]
    async fn by_hour(&self, member: Member<Admin>, filter: Filter<ZoneFilter>) -> Result<Reply<Vec<HourCount>>> {
        rules::by_hour(&member.scope, &filter.0).map(Reply::new)
    }

    /// Count conversations by weekday and hour
    ///
    /// Groups the conversations created in the last 30 days by weekday and hour of their creation. Hours are in the
    /// requested time zone, weekdays in UTC.
    ///
    /// Returns one row per hour and weekday, in descending order.
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
