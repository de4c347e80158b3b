//! Average waiting times, durations, and ratings of conversations.

use std::collections::BTreeMap;

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::{
    Section,
    calendar::{Day, Month},
    conversation::{self, schema::ConversationDays},
    rules::{EVER, MONTH, documents, last, last_days, rows},
};
use crate::{
    http::{Admin, Filter, Member, Public, Reply},
    resource::{
        project::document::Project,
        request::{
            document::{Figures, Request},
            index::RequestIndex,
        },
    },
    state::{ProjectScope, query::Selection},
    store::Direction,
    value::{Decimal, Id, Timestamp, primitive::Nullable},
};

/// Average waiting time of conversations.
#[derive(Object)]
pub(crate) struct WaitingAverage {
    /// Identifier of the project.
    #[oai(rename = "_id")]
    project: Id<Project>,
    /// Average time to the first response from an agent, in milliseconds; `null` if there was none.
    #[oai(rename = "waiting_time_avg")]
    average: Nullable<Decimal>,
}

/// Average waiting time of the conversations created on one day.
#[derive(Object)]
pub(crate) struct WaitingDay {
    /// Day.
    #[oai(rename = "_id")]
    day: Day,
    /// Average time to the first response from an agent, in milliseconds; `null` if there was none.
    #[oai(rename = "waiting_time_avg")]
    average: Nullable<Decimal>,
}

/// Average waiting time of the conversations created in one month.
#[derive(Object)]
pub(crate) struct WaitingMonth {
    /// Month.
    #[oai(rename = "_id")]
    month: Month,
    /// Average time to the first response from an agent, in milliseconds; `null` if there was none.
    #[oai(rename = "waiting_time_avg")]
    average: Nullable<Decimal>,
}

/// Average duration of conversations.
#[derive(Object)]
pub(crate) struct DurationAverage {
    /// Identifier of the project.
    #[oai(rename = "_id")]
    project: Id<Project>,
    /// Average time from creation to closing, in milliseconds; `null` if no conversation was closed.
    #[oai(rename = "duration_avg")]
    average: Nullable<Decimal>,
}

/// Average duration of the conversations created on one day.
#[derive(Object)]
pub(crate) struct DurationDay {
    /// Day.
    #[oai(rename = "_id")]
    day: Day,
    /// Average time from creation to closing, in milliseconds; `null` if no conversation was closed.
    #[oai(rename = "duration_avg")]
    average: Nullable<Decimal>,
}

/// Average duration of the conversations created in one month.
#[derive(Object)]
pub(crate) struct DurationMonth {
    /// Month.
    #[oai(rename = "_id")]
    month: Month,
    /// Average time from creation to closing, in milliseconds; `null` if no conversation was closed.
    #[oai(rename = "duration_avg")]
    average: Nullable<Decimal>,
}

/// Average rating of conversations.
#[derive(Object)]
pub(crate) struct SatisfactionAverage {
    /// Identifier of the project.
    #[oai(rename = "_id")]
    project: Id<Project>,
    /// Average rating; `null` if no conversation was rated.
    #[oai(rename = "satisfaction_avg")]
    average: Nullable<Decimal>,
}

/// Average rating of the conversations created on one day.
#[derive(Object)]
pub(crate) struct SatisfactionDay {
    /// Day.
    #[oai(rename = "_id")]
    day: Day,
    /// Average rating; `null` if no conversation was rated.
    #[oai(rename = "satisfaction_avg")]
    average: Nullable<Decimal>,
}

/// Average rating of the conversations created in one month.
#[derive(Object)]
pub(crate) struct SatisfactionMonth {
    /// Month.
    #[oai(rename = "_id")]
    month: Month,
    /// Average rating; `null` if no conversation was rated.
    #[oai(rename = "satisfaction_avg")]
    average: Nullable<Decimal>,
}

/// Period of an average.
#[derive(Object)]
pub(crate) struct LastSeconds {
    /// Number of seconds back from now (default 2592000, which is 30 days).
    last: Option<u32>,
}

pub(crate) struct Waiting;

#[OpenApi(tag = "Section::Analytics")]
impl Waiting {
    /// Get the average waiting time
    ///
    /// Averages the time that visitors waited for the first response from an agent, over the conversations created in
    /// the last 30 days or the period given by `last`.
    ///
    /// Returns an array with the average waiting time, empty if there are no conversations.
    #[oai(path = "/analytics/requests/waiting", method = "get", operation_id = "get_average_waiting_time")]
    async fn overall(&self, member: Member<Admin>, filter: Filter<LastSeconds>) -> Reply<Vec<WaitingAverage>> {
        let scope = &member.scope;
        Reply::new(overall(scope, of_seconds(scope, &filter.0), Measure::Waiting))
    }

    /// Get the 24-hour average waiting time
    ///
    /// Averages the time that visitors waited for the first response from an agent, over the conversations created in
    /// the last 24 hours.
    ///
    /// Returns an array with the average waiting time, empty if there are no conversations.
    #[oai(
        path = "/analytics/requests/waiting/day/last",
        method = "get",
        operation_id = "get_last_day_average_waiting_time"
    )]
    async fn last_day(&self, member: Member<Admin>) -> Reply<Vec<WaitingAverage>> {
        let scope = &member.scope;
        Reply::new(overall(scope, of_days(scope, 1), Measure::Waiting))
    }

    /// Get average waiting times by day
    ///
    /// Averages the time that visitors waited for the first response from an agent. Days without conversations have no
    /// row.
    ///
    /// Returns one row per day, latest first.
    #[oai(path = "/analytics/requests/waiting/day", method = "get", operation_id = "get_waiting_time_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<WaitingDay>> {
        let scope = &member.scope;
        Reply::new(by_day(scope, conversation::rules::of_days(scope, &filter.0), Measure::Waiting))
    }

    /// Get average waiting times by month
    ///
    /// Averages the time that visitors waited for the first response from an agent, over all conversations. Months
    /// without conversations have no row.
    ///
    /// Returns one row per month, latest first.
    #[oai(path = "/analytics/requests/waiting/month", method = "get", operation_id = "get_waiting_time_by_month")]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<WaitingMonth>> {
        let scope = &member.scope;
        Reply::new(by_month(scope, of_all_time(scope), Measure::Waiting))
    }

    /// Get the current waiting time
    ///
    /// Averages the time that visitors waited for the first response from an agent, over the conversations created in
    /// the last four hours, including those in which the visitor has not written yet. Requires no credentials.
    ///
    /// Returns an array with the average waiting time, empty if there are no conversations.
    #[oai(path = "/publicanalytics/waiting/current", method = "get", operation_id = "get_public_current_waiting_time")]
    async fn current(&self, public: Public) -> Reply<Vec<WaitingAverage>> {
        Reply::new(overall(&public.0, of_now(&public.0), Measure::Waiting))
    }
}

pub(crate) struct Durations;

#[OpenApi(tag = "Section::Analytics")]
impl Durations {
    /// Get the average duration
    ///
    /// Averages the time from creation to closing, over the conversations created in the last 30 days.
    ///
    /// Returns an array with the average duration, empty if there are no conversations.
    #[oai(path = "/analytics/requests/duration", method = "get", operation_id = "get_average_duration")]
    async fn overall(&self, member: Member<Admin>) -> Reply<Vec<DurationAverage>> {
        let scope = &member.scope;
        Reply::new(overall(scope, of_days(scope, MONTH), Measure::Duration))
    }

    /// Get average durations by day
    ///
    /// Averages the time from creation to closing. Days without conversations have no row.
    ///
    /// Returns one row per day, latest first.
    #[oai(path = "/analytics/requests/duration/day", method = "get", operation_id = "get_duration_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<DurationDay>> {
        let scope = &member.scope;
        Reply::new(by_day(scope, conversation::rules::of_days(scope, &filter.0), Measure::Duration))
    }

    /// Get average durations by month
    ///
    /// Averages the time from creation to closing, over the conversations created in the last 30 days. Months without
    /// such conversations have no row.
    ///
    /// Returns one row per month, latest first.
    #[oai(path = "/analytics/requests/duration/month", method = "get", operation_id = "get_duration_by_month")]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<DurationMonth>> {
        let scope = &member.scope;
        Reply::new(by_month(scope, of_days(scope, MONTH), Measure::Duration))
    }
}

pub(crate) struct Satisfaction;

#[OpenApi(tag = "Section::Analytics")]
impl Satisfaction {
    /// Get the average rating
    ///
    /// Averages the visitors' ratings of all conversations.
    ///
    /// Returns an array with the average rating, empty if there are no conversations.
    #[oai(path = "/analytics/requests/satisfaction", method = "get", operation_id = "get_average_satisfaction")]
    async fn overall(&self, member: Member<Admin>) -> Reply<Vec<SatisfactionAverage>> {
        let scope = &member.scope;
        Reply::new(overall(scope, of_all_time(scope), Measure::Satisfaction))
    }

    /// Get average ratings by day
    ///
    /// Averages the visitors' ratings. Days without conversations have no row.
    ///
    /// Returns one row per day, latest first.
    #[oai(path = "/analytics/requests/satisfaction/day", method = "get", operation_id = "get_satisfaction_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<SatisfactionDay>> {
        let scope = &member.scope;
        Reply::new(by_day(scope, conversation::rules::of_days(scope, &filter.0), Measure::Satisfaction))
    }

    /// Get average ratings by month
    ///
    /// Averages the visitors' ratings of all conversations. Months without conversations have no row.
    ///
    /// Returns one row per month, latest first.
    #[oai(path = "/analytics/requests/satisfaction/month", method = "get", operation_id = "get_satisfaction_by_month")]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<SatisfactionMonth>> {
        let scope = &member.scope;
        Reply::new(by_month(scope, of_all_time(scope), Measure::Satisfaction))
    }
}

/// The quantity to average.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measure {
    Waiting,
    Duration,
    Satisfaction,
}

impl Measure {
    fn field(self) -> &'static str {
        match self {
            Self::Waiting => "waiting_time_avg",
            Self::Duration => "duration_avg",
            Self::Satisfaction => "satisfaction_avg",
        }
    }

    fn of(self, figures: &Figures) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of millennia are below 2⁵³")]
        let number = |milliseconds: i64| milliseconds as f64;
        match self {
            Self::Waiting => figures.waiting_time.map(number),
            Self::Duration => {
                figures.closed_at.map(|end| number(end.milliseconds() - figures.created_at.milliseconds()))
            }
            Self::Satisfaction => figures.rating.map(Decimal::get),
        }
    }
}

/// One row per key, latest first. The average is `null` if no conversation of the row has a value.
fn averages<K: Ord + Serialize>(
    scope: &ProjectScope,
    selection: Selection<'_, Request>,
    measure: Measure,
    key: impl Fn(Timestamp) -> K,
) -> Bytes {
    let mut sums: BTreeMap<K, (f64, u32)> = BTreeMap::new();
    for request in documents(scope, selection) {
        let figures = &request.kept().figures;
        let (sum, count) = sums.entry(key(figures.created_at)).or_default();
        if let Some(number) = measure.of(figures) {
            *sum += number;
            *count += 1;
        }
    }
    let average = |(sum, count)| Nullable((count > 0).then(|| Decimal::from(sum / f64::from(count))));
    rows(sums.into_iter().map(|(key, sum)| (key, average(sum))).collect(), measure.field(), Direction::Descending)
}

/// A single row for the whole project.
fn overall(scope: &ProjectScope, selection: Selection<'_, Request>, measure: Measure) -> Bytes {
    averages(scope, selection, measure, |_| scope.project)
}

fn by_day(scope: &ProjectScope, selection: Selection<'_, Request>, measure: Measure) -> Bytes {
    averages(scope, selection, measure, Day::of)
}

fn by_month(scope: &ProjectScope, selection: Selection<'_, Request>, measure: Measure) -> Bytes {
    averages(scope, selection, measure, Month::of)
}

/// Conversations of the last `period.last` seconds.
fn of_seconds(scope: &ProjectScope, period: &LastSeconds) -> Selection<'static, Request> {
    let range = period.last.map_or_else(|| last_days(scope, MONTH), |seconds| last(scope, i64::from(seconds) * 1_000));
    Selection { range, ..of_all_time(scope) }
}

/// Conversations of the last `days` days.
fn of_days(scope: &ProjectScope, days: u32) -> Selection<'static, Request> {
    Selection { range: last_days(scope, days), ..of_all_time(scope) }
}

fn of_all_time(scope: &ProjectScope) -> Selection<'static, Request> {
    Selection { range: EVER, ..Selection::of(vec![vec![Request::with(RequestIndex::All, scope.project, false, "")]]) }
}

/// Conversations of the last four hours, including those in which the visitor has not written yet.
fn of_now(scope: &ProjectScope) -> Selection<'static, Request> {
    let either = vec![Request::with(RequestIndex::All, scope.project, false, ""), Request::in_preflight(scope.project)];
    Selection { range: last(scope, 4 * 3_600_000), ..Selection::of(vec![either]) }
}
