//! Counts of conversation tags.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use poem_openapi::{Object, OpenApi};

use super::{
    Section,
    calendar::Day,
    rules::{documents, now},
};
use crate::{
    http::{Admin, Filter, Member, Path, Reply},
    resource::{
        period::Days,
        request::{document::Request, index::RequestIndex},
    },
    state::{ProjectScope, query::Selection},
    value::{
        Error, Result, Text,
        error::{ErrorBody, ErrorKind},
        timestamp::DAY,
    },
};

/// Usage of tags by day, as chart series.
#[derive(Object)]
pub(crate) struct TagSeries {
    /// Days with tags (DD/MM/YYYY), sorted as strings.
    dates: Vec<Text>,
    /// One series per tag.
    series: Vec<Series>,
}

/// Usage of one tag.
#[derive(Object)]
pub(crate) struct Series {
    /// Tag.
    name: Text,
    /// Number of conversations with the tag, for each of the dates.
    values: Vec<u32>,
}

/// Period of the tag counts.
#[derive(Object)]
pub(crate) struct TagDays {
    /// First day: DD/MM/YYYY in UTC (default six days ago).
    pub(crate) start_date: Option<Text>,
    /// Last day (inclusive): DD/MM/YYYY in UTC (default today).
    pub(crate) end_date: Option<Text>,
}

pub(crate) struct TagCounts;

#[OpenApi(tag = "Section::Analytics")]
impl TagCounts {
    /// Count tags by day
    ///
    /// Counts the tags of conversations by the day on which the conversations were created. Returns 400 if
    /// `start_date` is after `end_date`.
    ///
    /// Returns the counts as chart series, one per tag.
    #[oai(path = "/analytics/tags/:type", method = "get", operation_id = "get_tag_analytics")]
    async fn series(
        &self,
        member: Member<Admin>,
        /// Kind of tags. Any value selects the tags of conversations.
        #[oai(name = "type")]
        _kind: Path<Text>,
        filter: Filter<TagDays>,
    ) -> Result<Reply<TagSeries>> {
        series(&member.scope, &filter.0).map(|series| Reply::of(&series))
    }
}

/// Counts the tags of the conversations created in the period.
fn series(scope: &ProjectScope, days: &TagDays) -> Result<TagSeries> {
    let all = vec![vec![Request::with(RequestIndex::Tagged, scope.project, false, "")]];
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

/// From the start of the first day to the end of the last day.
fn period(scope: &ProjectScope, days: &TagDays) -> Result<Range<i64>> {
    let today = now(scope).milliseconds().div_euclid(DAY) * DAY;
    let bounds = Days::in_utc(days.start_date.clone(), days.end_date.clone()).bounds()?;
    let range = bounds.start.unwrap_or(today - 6 * DAY)..bounds.end.unwrap_or(today + DAY);
    if range.is_empty() {
        let text = "Invalid dates: start_date can't be greater of end_date"; // sic
        return Err(Error::new(ErrorKind::Malformed, ErrorBody::error(text.into())));
    }
    Ok(range)
}
