//! Counts of visitors.

use std::ops::Range;

use bytes::Bytes;
use poem_openapi::OpenApi;

use super::{
    Section,
    calendar::{Day, Month, Week},
    rules::{EVER, MONTH, counted, last_days, moments, total},
    schema::{DayCount, LastDays, MonthCount, TotalCount, WeekCount},
};
use crate::{
    http::{Admin, Filter, Member, Reply},
    resource::team::document::Teammate,
    state::{ProjectScope, query::Selection},
    store::Direction,
    value::Role,
};

pub(crate) struct VisitorCounts;

#[OpenApi(tag = "Section::Analytics")]
impl VisitorCounts {
    /// Count the project's visitors
    ///
    /// Counts the guests and signed-in visitors who joined the project in the last 30 days.
    ///
    /// Returns an array with the total, empty if there are no visitors.
    #[oai(path = "/analytics/project_users/count", method = "get", operation_id = "count_visitors")]
    async fn count(&self, member: Member<Admin>) -> Reply<Vec<TotalCount>> {
        Reply::new(count(&member.scope))
    }

    /// Count visitors by day
    ///
    /// Counts guests and signed-in visitors by the day of their first visit. Days without new visitors have no row.
    ///
    /// Returns one row per day, in ascending order.
    #[oai(path = "/analytics/project_users/aggregate/day", method = "get", operation_id = "aggregate_visitors_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<LastDays>) -> Reply<Vec<DayCount>> {
        Reply::new(by_day(&member.scope, &filter.0))
    }

    /// Count visitors by month
    ///
    /// Counts all guests and signed-in visitors by the month of their first visit. Months without new visitors have no
    /// row.
    ///
    /// Returns one row per month, in ascending order.
    #[oai(
        path = "/analytics/project_users/aggregate/month",
        method = "get",
        operation_id = "aggregate_visitors_by_month"
    )]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<MonthCount>> {
        Reply::new(by_month(&member.scope))
    }

    /// Count visitors by week
    ///
    /// Counts all guests and signed-in visitors by the week of their first visit. Weeks without new visitors have no
    /// row.
    ///
    /// Returns one row per week, in ascending order.
    #[oai(
        path = "/analytics/project_users/aggregate/week",
        method = "get",
        operation_id = "aggregate_visitors_by_week"
    )]
    async fn by_week(&self, member: Member<Admin>) -> Reply<Vec<WeekCount>> {
        Reply::new(by_week(&member.scope))
    }
}

/// The active guests and users of a project.
fn select(scope: &ProjectScope, range: Range<i64>) -> Selection<'static, Teammate> {
    let is_visitor = |member: &Teammate| member.is_active() && matches!(member.role, Role::Guest | Role::User);
    let all = vec![vec![Teammate::of_project(scope.project, false)]];
    Selection { only: Some(Box::new(is_visitor)), range, ..Selection::of(all) }
}

/// Counts the visitors of the last 30 days.
fn count(scope: &ProjectScope) -> Bytes {
    total(scope, select(scope, last_days(scope, MONTH)))
}

fn by_day(scope: &ProjectScope, days: &LastDays) -> Bytes {
    counted(moments(scope, select(scope, days.range(scope))).into_iter().map(Day::of), Direction::Ascending)
}

fn by_month(scope: &ProjectScope) -> Bytes {
    counted(moments(scope, select(scope, EVER)).into_iter().map(Month::of), Direction::Ascending)
}

fn by_week(scope: &ProjectScope) -> Bytes {
    counted(moments(scope, select(scope, EVER)).into_iter().map(Week::of), Direction::Ascending)
}
