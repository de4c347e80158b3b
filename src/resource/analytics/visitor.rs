//! How many visitors there are.

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
    /// Count visitors
    ///
    /// The guests and signed-in visitors who came for the first time in the last 30 days.
    #[oai(path = "/analytics/project_users/count", method = "get", operation_id = "count_visitors")]
    async fn count(&self, member: Member<Admin>) -> Reply<Vec<TotalCount>> {
        Reply::new(count(&member.scope))
    }

    /// Count visitors by day
    ///
    /// One row for each day on which visitors came for the first time, the first first.
    #[oai(path = "/analytics/project_users/aggregate/day", method = "get", operation_id = "aggregate_visitors_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<LastDays>) -> Reply<Vec<DayCount>> {
        Reply::new(by_day(&member.scope, &filter.0))
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
        Reply::new(by_month(&member.scope))
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
        Reply::new(by_week(&member.scope))
    }
}

/// The guests and users of a project who may still come in.
fn select(scope: &ProjectScope, range: Range<i64>) -> Selection<'static, Teammate> {
    let is_visitor = |member: &Teammate| member.is_active() && matches!(member.role, Role::Guest | Role::User);
    let all = vec![vec![Teammate::of_project(scope.project, false)]];
    Selection { only: Some(Box::new(is_visitor)), range, ..Selection::of(all) }
}

/// How many there are of the last 30 days.
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
