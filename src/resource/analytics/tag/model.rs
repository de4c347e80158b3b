//! Tags as the series of a chart.

use poem_openapi::Object;

use crate::world::Text;

/// How often each tag was given, day by day.
#[derive(Object)]
pub(crate) struct TagSeries {
    /// The days that have tags: DD/MM/YYYY, in the order of these texts.
    pub(super) dates: Vec<Text>,
    /// One series for each tag.
    pub(super) series: Vec<Series>,
}

/// How often one tag was given.
#[derive(Object)]
pub(crate) struct Series {
    /// The tag.
    pub(super) name: Text,
    /// How often, for each of the dates.
    pub(super) values: Vec<u32>,
}

/// Between which days.
#[derive(Object)]
pub(crate) struct TagDays {
    /// First day: DD/MM/YYYY in UTC. Six days ago unless it is said.
    pub(crate) start_date: Option<Text>,
    /// Last day: DD/MM/YYYY in UTC. Today unless it is said.
    pub(crate) end_date: Option<Text>,
}
