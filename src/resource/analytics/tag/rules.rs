//! Which tags are counted, and on which days.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::model::{Series, TagDays, TagSeries};
use crate::{
    resource::{
        analytics::{
            calendar::Day,
            rules::{documents, now},
        },
        crud::{DAY, Selection},
        period::Days,
        request::model::Request,
    },
    world::{
        Error, Result, Scope, Text,
        error::{Kind, Words},
    },
};

/// The tags of the conversations that were created on some days.
pub(super) fn series(scope: &Scope, days: &TagDays) -> Result<TagSeries> {
    let all = vec![vec![Request::with("tagged", scope.project, false, "")]];
    let requests = documents::<Request>(scope, Selection { range: period(scope, days)?, ..Selection::of(all) });
    let mut dates = BTreeSet::new();
    let mut counts: BTreeMap<Text, BTreeMap<Text, u32>> = BTreeMap::new();
    for request in &requests {
        let date = Text::from(Day::of(request.kept().figures.created_at).text());
        for tag in &request.value().tags {
            *counts.entry(tag.tag.clone()).or_default().entry(date.clone()).or_default() += 1;
            dates.insert(date.clone());
        }
    }
    let values =
        |counts: &BTreeMap<Text, u32>| dates.iter().map(|date| counts.get(date).copied().unwrap_or(0)).collect();
    let series = counts.iter().map(|(name, counts)| Series { name: name.clone(), values: values(counts) }).collect();
    Ok(TagSeries { series, dates: dates.into_iter().collect() })
}

/// From the first moment of the first day to the last of the last one.
fn period(scope: &Scope, days: &TagDays) -> Result<Range<i64>> {
    let today = now(scope).milliseconds().div_euclid(DAY) * DAY;
    let bounds = Days::in_utc(days.start_date.clone(), days.end_date.clone()).bounds()?;
    let range = bounds.start.unwrap_or(today - 6 * DAY)..bounds.end.unwrap_or(today + DAY);
    if range.is_empty() {
        let text = "Invalid dates: start_date can't be greater of end_date";
        return Err(Error::new(Kind::Malformed, Words::Error(text.into())));
    }
    Ok(range)
}
