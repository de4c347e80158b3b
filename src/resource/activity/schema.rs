//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::Activity;
use crate::{
    http::{Commas, Pagination, SortedPage},
    resource::period::Days,
    value::Text,
};

/// Filters and paging for listing activities.
#[derive(Object)]
pub(crate) struct ActivityFilter {
    #[oai(flatten)]
    pub(crate) selection: ActivitySelection,
    /// `true` or `1` raises the maximum page size from 100 to 1000.
    pub(crate) chart: Option<Text>,
    #[oai(flatten)]
    pub(crate) paging: Pagination,
}

/// Filters, language, and paging of an export of activities.
#[derive(Object)]
pub(crate) struct ActivityExport {
    #[oai(flatten)]
    pub(crate) selection: ActivitySelection,
    /// Language of the summaries: `it` for Italian; English otherwise.
    pub(crate) lang: Option<Text>,
    #[oai(flatten)]
    pub(crate) pages: SortedPage,
}

/// Filters for activities. All of them must match.
#[derive(Object)]
pub(crate) struct ActivitySelection {
    /// Only activities that involve the user with this identifier.
    pub(crate) agent_id: Option<Text>,
    /// Only activities with one of these verbs (comma-separated).
    pub(crate) activities: Option<Commas>,
    #[oai(flatten)]
    pub(crate) days: Days,
}

/// One page of activities.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ActivityPage {
    /// Page size.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Total number of activities.
    count: u64,
    /// The activities on this page.
    activities: Vec<Activity>,
    /// `true` if `chart` was set; absent otherwise.
    chart: Option<bool>,
    /// Warning that `limit` exceeded the maximum page size. Only with `chart`.
    #[oai(rename = "limitWarning")]
    limit_warning: Option<Text>,
}
