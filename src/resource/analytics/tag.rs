//! How often tags are given.

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
    resource::{period::Days, request::document::Request},
    state::{ProjectScope, query::Selection},
    value::{
        Error, Result, Text,
        error::{ErrorBody, ErrorKind},
        timestamp::DAY,
    },
};

/// How often each tag was given, day by day.
#[derive(Object)]
pub(crate) struct TagSeries {
    /// The days that have tags: DD/MM/YYYY, in the order of these texts.
    dates: Vec<Text>,
    /// One series for each tag.
    series: Vec<Series>,
}

/// How often one tag was given.
#[derive(Object)]
pub(crate) struct Series {
    /// The tag.
    name: Text,
    /// How often, for each of the dates.
    values: Vec<u32>,
}

/// Between which days.
#[derive(Object)]
pub(crate) struct TagDays {
    /// First day: DD/MM/YYYY in UTC. Six days ago unless it is said.
    pub(crate) start_date: Option<Text>,
    /// Last day: DD/MM/YYYY in UTC. Today unless it is said.
    pub(crate) end_date: Option<Text>,
}

pub(crate) struct TagCounts;

#[OpenApi(tag = "Section::Analytics")]
impl TagCounts {
    /// Count tags by day
    ///
    /// How often each tag was given to conversations, by the days on which these were created, as the series of a chart.
    #[oai(path = "/analytics/tags/:type", method = "get", operation_id = "get_tag_analytics")]
    async fn series(
        &self,
        member: Member<Admin>,
        /// Kind of tags. There is one, whatever it is called: those of conversations.
        #[oai(name = "type")]
        _kind: Path<Text>,
        filter: Filter<TagDays>,
    ) -> Result<Reply<TagSeries>> {
        series(&member.scope, &filter.0).map(|series| Reply::of(&series))
    }
}

/// The tags of the conversations that were created on some days.
fn series(scope: &ProjectScope, days: &TagDays) -> Result<TagSeries> {
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
fn period(scope: &ProjectScope, days: &TagDays) -> Result<Range<i64>> {
    let today = now(scope).milliseconds().div_euclid(DAY) * DAY;
    let bounds = Days::in_utc(days.start_date.clone(), days.end_date.clone()).bounds()?;
    let range = bounds.start.unwrap_or(today - 6 * DAY)..bounds.end.unwrap_or(today + DAY);
    if range.is_empty() {
        let text = "Invalid dates: start_date can't be greater of end_date";
        return Err(Error::new(ErrorKind::Malformed, ErrorBody::Error(text.into())));
    }
    Ok(range)
}
