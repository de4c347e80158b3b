//! Counting of documents, by the index alone wherever it holds the grouping key.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::schema::LastDays;
use crate::{
    state::{Collection, ProjectScope, query::Selection},
    store::{Direction, Doc, Order, Query, render},
    value::{Timestamp, timestamp::DAY},
};

/// All time.
pub(super) const EVER: Range<i64> = 0..i64::MAX;

/// Default period in days.
pub(super) const MONTH: u32 = 30;

/// Default of `lastdays`.
pub(super) const WEEK: u32 = 7;

/// The last `days` days of 24 hours.
pub(super) fn last_days(scope: &ProjectScope, days: u32) -> Range<i64> {
    last(scope, i64::from(days) * DAY)
}

/// The last `milliseconds`.
pub(super) fn last(scope: &ProjectScope, milliseconds: i64) -> Range<i64> {
    now(scope).milliseconds() - milliseconds..i64::MAX
}

impl LastDays {
    pub(super) fn range(&self, scope: &ProjectScope) -> Range<i64> {
        last_days(scope, self.lastdays.unwrap_or(WEEK))
    }
}

pub(super) fn now(scope: &ProjectScope) -> Timestamp {
    scope.sandbox.clock.now()
}

fn query<T: Collection>(selection: Selection<'_, T>, limit: usize) -> Query<'_, T> {
    let Selection { all, also, only, range } = selection;
    Query { all, also, only, range, order: Order::Default(Direction::Ascending), skip: 0, limit }
}

/// `[{"totalCount":7}]`, or `[]` if there is nothing to count.
pub(super) fn total<T: Collection>(scope: &ProjectScope, selection: Selection<'_, T>) -> Bytes {
    let query = query(selection, 0);
    let count = scope.read(|state| T::table(&state.tables).list(&query).count);
    let rows = (count > 0).then(|| json!({"totalCount": count}));
    render(&rows.as_slice()).into()
}

/// The creation times of the documents, read from the index.
pub(super) fn moments<T: Collection>(scope: &ProjectScope, selection: Selection<'_, T>) -> Vec<Timestamp> {
    let query = query(selection, usize::MAX);
    let positions = scope.read(|state| T::table(&state.tables).positions(&query));
    positions.into_iter().map(Timestamp::from_milliseconds).collect()
}

/// The documents themselves, for grouping keys that the index does not hold.
pub(super) fn documents<T: Collection>(scope: &ProjectScope, selection: Selection<'_, T>) -> Vec<Arc<Doc<T>>> {
    let query = query(selection, usize::MAX);
    scope.read(|state| T::table(&state.tables).list(&query).docs.into_iter().cloned().collect())
}

/// `[{"_id":…,"count":7}]`: the number of occurrences of each key, ordered by key.
pub(super) fn counted<K: Ord + Serialize>(keys: impl IntoIterator<Item = K>, order: Direction) -> Bytes {
    let mut counts = BTreeMap::new();
    keys.into_iter().for_each(|key| *counts.entry(key).or_insert(0_u64) += 1);
    rows(counts, "count", order)
}

/// `[{"_id":…,"<field>":…}]`.
pub(super) fn rows<K: Ord + Serialize, V: Serialize>(values: BTreeMap<K, V>, field: &str, order: Direction) -> Bytes {
    let rows = values.into_iter().map(|(key, value)| json!({"_id": key, field: value}));
    let mut rows: Vec<_> = rows.collect();
    if order == Direction::Descending {
        rows.reverse();
    }
    render(&rows).into()
}
