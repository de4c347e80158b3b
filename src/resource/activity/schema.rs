//! What calls send and receive.

use poem_openapi::Object;

use super::document::Activity;
use crate::{
    http::{Commas, Pagination, SortedPage},
    resource::period::Days,
    value::Text,
};

/// Which activities a list shows.
#[derive(Object)]
pub(crate) struct ActivityFilter {
    #[oai(flatten)]
    pub(crate) selection: ActivitySelection,
    /// `true` or `1` allows up to 1000 results a page instead of 100.
    pub(crate) chart: Option<Text>,
    #[oai(flatten)]
    pub(crate) paging: Pagination,
}

/// Which activities an export holds.
#[derive(Object)]
pub(crate) struct ActivityExport {
    #[oai(flatten)]
    pub(crate) selection: ActivitySelection,
    /// Language of the sentences: `it` for Italian, English otherwise.
    pub(crate) lang: Option<Text>,
    #[oai(flatten)]
    pub(crate) pages: SortedPage,
}

/// What is asked of activities. All conditions have to hold.
#[derive(Object)]
pub(crate) struct ActivitySelection {
    /// Only activities that involve the user with this identifier.
    pub(crate) agent_id: Option<Text>,
    /// Only activities with one of these verbs, separated by commas.
    pub(crate) activities: Option<Commas>,
    #[oai(flatten)]
    pub(crate) days: Days,
}

/// A page of activities.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ActivityPage {
    /// Most activities of a page.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Activities on all pages.
    count: u64,
    /// The activities of this page.
    activities: Vec<Activity>,
    /// True when `chart` was asked for.
    chart: Option<bool>,
    /// That more was asked for than a page can hold.
    #[oai(rename = "limitWarning")]
    limit_warning: Option<Text>,
}
