//! Operations that list requests other than for the team.

use poem_openapi::OpenApi;

use super::{
    rules::{self, Seen},
    schema::{RequestFilter, RequestPage},
};
use crate::{
    http::{Agent, Csv, Filter, Guest, Member, Reply},
    resource::request::Section,
    value::Result,
};

pub(crate) struct Searches;

#[OpenApi(tag = "Section::Requests")]
impl Searches {
    /// List the caller's requests
    ///
    /// Lists the requests that the caller opened, with the same parameters as `list_requests`.
    ///
    /// Returns one page of requests.
    #[oai(path = "/requests/me", method = "get", operation_id = "list_own_requests")]
    async fn list_own(&self, member: Member<Guest>, filter: Filter<RequestFilter>) -> Result<Reply<RequestPage>> {
        rules::list(&member.scope, Seen::OpenedBy(&member.actor), &filter.0).map(Reply::new)
    }

    /// Export requests as CSV
    ///
    /// Exports the requests that `list_requests` lists for the same query, up to 100,000 per page. Free-form objects
    /// are omitted.
    ///
    /// Returns a CSV file with a header row and one row per request.
    #[oai(path = "/requests/csv", method = "get", operation_id = "export_requests_csv")]
    async fn export_csv(&self, member: Member<Agent>, filter: Filter<RequestFilter>) -> Result<Csv> {
        rules::csv(&member.scope, Seen::ByRole(&member.actor), &filter.0).map(Csv::Utf8)
    }
}
