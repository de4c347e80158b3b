//! How many visitors there are.

use poem_openapi::OpenApi;

use super::rules;
use crate::{
    http::{Admin, Filter, Member, Reply},
    resource::analytics::{
        Section,
        model::{DayCount, LastDays, MonthCount, TotalCount, WeekCount},
    },
};

pub(crate) struct VisitorCounts;

#[OpenApi(tag = "Section::Analytics")]
impl VisitorCounts {
    /// Count visitors
    ///
    /// The guests and signed-in visitors who came for the first time in the last 30 days.
    #[oai(path = "/analytics/project_users/count", method = "get", operation_id = "count_visitors")]
    async fn count(&self, member: Member<Admin>) -> Reply<Vec<TotalCount>> {
        Reply::new(rules::count(&member.scope))
    }

    /// Count visitors by day
    ///
    /// One row for each day on which visitors came for the first time, the first first.
    #[oai(path = "/analytics/project_users/aggregate/day", method = "get", operation_id = "aggregate_visitors_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<LastDays>) -> Reply<Vec<DayCount>> {
        Reply::new(rules::by_day(&member.scope, &filter.0))
    }

    /// Count visitors by month
    ///
    /// One row for each month of all time in which visitors came for the first time, the first first.
    #[oai(
        path = "/analytics/project_users/aggregate/month",
        method = "get",
        operation_id = "aggregate_visitors_by_month"
    )]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<MonthCount>> {
        Reply::new(rules::by_month(&member.scope))
    }

    /// Count visitors by week
    ///
    /// One row for each week of all time in which visitors came for the first time, the first first.
    #[oai(
        path = "/analytics/project_users/aggregate/week",
        method = "get",
        operation_id = "aggregate_visitors_by_week"
    )]
    async fn by_week(&self, member: Member<Admin>) -> Reply<Vec<WeekCount>> {
        Reply::new(rules::by_week(&member.scope))
    }
}
