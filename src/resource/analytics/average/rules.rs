//! How averages are taken. Requests keep the few numbers that this needs.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;

use super::model::LastSeconds;
use crate::{
    resource::{
        analytics::{
            calendar::{Day, Month},
            rules::{EVER, MONTH, documents, last, last_days, rows},
        },
        crud::Selection,
        request::model::{Figures, Request},
    },
    store::Direction,
    world::{Decimal, Scope, Timestamp, value::Nullable},
};

/// What averages are taken of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
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
    scope: &Scope,
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
pub(super) fn overall(scope: &Scope, selection: Selection<'_, Request>, measure: Measure) -> Bytes {
    averages(scope, selection, measure, |_| scope.project)
}

pub(super) fn by_day(scope: &Scope, selection: Selection<'_, Request>, measure: Measure) -> Bytes {
    averages(scope, selection, measure, Day::of)
}

pub(super) fn by_month(scope: &Scope, selection: Selection<'_, Request>, measure: Measure) -> Bytes {
    averages(scope, selection, measure, Month::of)
}

/// The conversations of the last so many seconds.
pub(super) fn of_seconds(scope: &Scope, period: &LastSeconds) -> Selection<'static, Request> {
    let range = period.last.map_or_else(|| last_days(scope, MONTH), |seconds| last(scope, i64::from(seconds) * 1_000));
    Selection { range, ..of_all_time(scope) }
}

/// The conversations of the last so many days.
pub(super) fn of_days(scope: &Scope, days: u32) -> Selection<'static, Request> {
    Selection { range: last_days(scope, days), ..of_all_time(scope) }
}

pub(super) fn of_all_time(scope: &Scope) -> Selection<'static, Request> {
    Selection { range: EVER, ..Selection::of(vec![vec![Request::with("", scope.project, false, "")]]) }
}

/// The conversations of the last four hours, also those in which the visitor did not write yet.
pub(super) fn of_now(scope: &Scope) -> Selection<'static, Request> {
    let either = vec![Request::with("", scope.project, false, ""), Request::in_preflight(scope.project)];
    Selection { range: last(scope, 4 * 3_600_000), ..Selection::of(vec![either]) }
}
