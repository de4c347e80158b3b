//! Average waiting times, durations and ratings of conversations.

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
        request::document::{Figures, Request},
    },
    state::{ProjectScope, query::Selection},
    store::Direction,
    value::{Decimal, Id, Timestamp, primitive::Nullable},
};

/// The average waiting time.
#[derive(Object)]
pub(crate) struct WaitingAverage {
    /// Project of the conversations.
    #[oai(rename = "_id")]
    project: Id<Project>,
    /// Milliseconds until a participant answered first, on average; null when nobody did.
    #[oai(rename = "waiting_time_avg")]
    average: Nullable<Decimal>,
}

/// The average waiting time of the conversations of a day.
#[derive(Object)]
pub(crate) struct WaitingDay {
    /// The day.
    #[oai(rename = "_id")]
    day: Day,
    /// Milliseconds until a participant answered first, on average; null when nobody did.
    #[oai(rename = "waiting_time_avg")]
    average: Nullable<Decimal>,
}

/// The average waiting time of the conversations of a month.
#[derive(Object)]
pub(crate) struct WaitingMonth {
    /// The month.
    #[oai(rename = "_id")]
    month: Month,
    /// Milliseconds until a participant answered first, on average; null when nobody did.
    #[oai(rename = "waiting_time_avg")]
    average: Nullable<Decimal>,
}

/// The average duration.
#[derive(Object)]
pub(crate) struct DurationAverage {
    /// Project of the conversations.
    #[oai(rename = "_id")]
    project: Id<Project>,
    /// Milliseconds from the creation to the closing, on average; null when none was closed.
    #[oai(rename = "duration_avg")]
    average: Nullable<Decimal>,
}

/// The average duration of the conversations of a day.
#[derive(Object)]
pub(crate) struct DurationDay {
    /// The day.
    #[oai(rename = "_id")]
    day: Day,
    /// Milliseconds from the creation to the closing, on average; null when none was closed.
    #[oai(rename = "duration_avg")]
    average: Nullable<Decimal>,
}

/// The average duration of the conversations of a month.
#[derive(Object)]
pub(crate) struct DurationMonth {
    /// The month.
    #[oai(rename = "_id")]
    month: Month,
    /// Milliseconds from the creation to the closing, on average; null when none was closed.
    #[oai(rename = "duration_avg")]
    average: Nullable<Decimal>,
}

/// The average rating.
#[derive(Object)]
pub(crate) struct SatisfactionAverage {
    /// Project of the conversations.
    #[oai(rename = "_id")]
    project: Id<Project>,
    /// Rating, on average; null when none was rated.
    #[oai(rename = "satisfaction_avg")]
    average: Nullable<Decimal>,
}

/// The average rating of the conversations of a day.
#[derive(Object)]
pub(crate) struct SatisfactionDay {
    /// The day.
    #[oai(rename = "_id")]
    day: Day,
    /// Rating, on average; null when none was rated.
    #[oai(rename = "satisfaction_avg")]
    average: Nullable<Decimal>,
}

/// The average rating of the conversations of a month.
#[derive(Object)]
pub(crate) struct SatisfactionMonth {
    /// The month.
    #[oai(rename = "_id")]
    month: Month,
    /// Rating, on average; null when none was rated.
    #[oai(rename = "satisfaction_avg")]
    average: Nullable<Decimal>,
}

/// Over which period an average is taken.
#[derive(Object)]
pub(crate) struct LastSeconds {
    /// Seconds back from now; 2592000, which is thirty days, unless it is said.
    last: Option<u32>,
}

pub(crate) struct Waiting;

#[OpenApi(tag = "Section::Analytics")]
impl Waiting {
    /// Get the average waiting time
    ///
    /// How long visitors waited for the first answer, in milliseconds, in the conversations of the last 30 days or of
    /// another period.
    #[oai(path = "/analytics/requests/waiting", method = "get", operation_id = "get_average_waiting_time")]
    async fn overall(&self, member: Member<Admin>, filter: Filter<LastSeconds>) -> Reply<Vec<WaitingAverage>> {
        let scope = &member.scope;
        Reply::new(overall(scope, of_seconds(scope, &filter.0), Measure::Waiting))
    }

    /// Get the average waiting time of the last day
    ///
    /// The same for the conversations of the last 24 hours.
    #[oai(
        path = "/analytics/requests/waiting/day/last",
        method = "get",
        operation_id = "get_last_day_average_waiting_time"
    )]
    async fn last_day(&self, member: Member<Admin>) -> Reply<Vec<WaitingAverage>> {
        let scope = &member.scope;
        Reply::new(overall(scope, of_days(scope, 1), Measure::Waiting))
    }

    /// Get the average waiting time by day
    ///
    /// One row for each day that has conversations, the last first.
    #[oai(path = "/analytics/requests/waiting/day", method = "get", operation_id = "get_waiting_time_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<WaitingDay>> {
        let scope = &member.scope;
        Reply::new(by_day(scope, conversation::rules::of_days(scope, &filter.0), Measure::Waiting))
    }

    /// Get the average waiting time by month
    ///
    /// One row for each month that has conversations, the last first.
    #[oai(path = "/analytics/requests/waiting/month", method = "get", operation_id = "get_waiting_time_by_month")]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<WaitingMonth>> {
        let scope = &member.scope;
        Reply::new(by_month(scope, of_all_time(scope), Measure::Waiting))
    }

    /// Get the current waiting time
    ///
    /// How long visitors waited for the first answer in the last four hours. Everybody may ask.
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
    /// How long the conversations of the last 30 days took until they were closed, in milliseconds.
    #[oai(path = "/analytics/requests/duration", method = "get", operation_id = "get_average_duration")]
    async fn overall(&self, member: Member<Admin>) -> Reply<Vec<DurationAverage>> {
        let scope = &member.scope;
        Reply::new(overall(scope, of_days(scope, MONTH), Measure::Duration))
    }

    /// Get the average duration by day
    ///
    /// One row for each day that has conversations, the last first.
    #[oai(path = "/analytics/requests/duration/day", method = "get", operation_id = "get_duration_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<DurationDay>> {
        let scope = &member.scope;
        Reply::new(by_day(scope, conversation::rules::of_days(scope, &filter.0), Measure::Duration))
    }

    /// Get the average duration by month
    ///
    /// One row for each month in which there are conversations of the last 30 days, the last first.
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
    /// How visitors rated the conversations of all time.
    #[oai(path = "/analytics/requests/satisfaction", method = "get", operation_id = "get_average_satisfaction")]
    async fn overall(&self, member: Member<Admin>) -> Reply<Vec<SatisfactionAverage>> {
        let scope = &member.scope;
        Reply::new(overall(scope, of_all_time(scope), Measure::Satisfaction))
    }

    /// Get the average rating by day
    ///
    /// One row for each day that has conversations, the last first.
    #[oai(path = "/analytics/requests/satisfaction/day", method = "get", operation_id = "get_satisfaction_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<SatisfactionDay>> {
        let scope = &member.scope;
        Reply::new(by_day(scope, conversation::rules::of_days(scope, &filter.0), Measure::Satisfaction))
    }

    /// Get the average rating by month
    ///
    /// One row for each month that has conversations, the last first.
    #[oai(path = "/analytics/requests/satisfaction/month", method = "get", operation_id = "get_satisfaction_by_month")]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<SatisfactionMonth>> {
        let scope = &member.scope;
        Reply::new(by_month(scope, of_all_time(scope), Measure::Satisfaction))
    }
}

/// What averages are taken of.
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

/// One row a key, the last first. A row whose conversations have no such number is `null`.
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

/// Of all conversations.
fn overall(scope: &ProjectScope, selection: Selection<'_, Request>, measure: Measure) -> Bytes {
    averages(scope, selection, measure, |_| scope.project)
}

fn by_day(scope: &ProjectScope, selection: Selection<'_, Request>, measure: Measure) -> Bytes {
    averages(scope, selection, measure, Day::of)
}

fn by_month(scope: &ProjectScope, selection: Selection<'_, Request>, measure: Measure) -> Bytes {
    averages(scope, selection, measure, Month::of)
}

/// The conversations of the last so many seconds.
fn of_seconds(scope: &ProjectScope, period: &LastSeconds) -> Selection<'static, Request> {
    let range = period.last.map_or_else(|| last_days(scope, MONTH), |seconds| last(scope, i64::from(seconds) * 1_000));
    Selection { range, ..of_all_time(scope) }
}

/// The conversations of the last so many days.
fn of_days(scope: &ProjectScope, days: u32) -> Selection<'static, Request> {
    Selection { range: last_days(scope, days), ..of_all_time(scope) }
}

fn of_all_time(scope: &ProjectScope) -> Selection<'static, Request> {
    Selection { range: EVER, ..Selection::of(vec![vec![Request::with("", scope.project, false, "")]]) }
}

/// The conversations of the last four hours, also those in which the visitor did not write yet.
fn of_now(scope: &ProjectScope) -> Selection<'static, Request> {
    let either = vec![Request::with("", scope.project, false, ""), Request::in_preflight(scope.project)];
    Selection { range: last(scope, 4 * 3_600_000), ..Selection::of(vec![either]) }
}
