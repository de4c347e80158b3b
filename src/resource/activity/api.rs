//! Activities: the log of what happened in a project.

use poem_openapi::OpenApi;

use super::{
    Section, export, rules,
    schema::{ActivityExport, ActivityFilter, ActivityPage},
};
use crate::{
    http::{Admin, Csv, Filter, Member, Reply},
    value::Result,
};

pub(crate) struct Activities;

#[OpenApi(tag = "Section::Activities")]
impl Activities {
    /// List activities
    ///
    /// What happened in the project, newest first, page by page. `end_date` is ignored without `start_date`.
    #[oai(path = "/activities", method = "get", operation_id = "list_activities")]
    async fn list(&self, member: Member<Admin>, filter: Filter<ActivityFilter>) -> Result<Reply<ActivityPage>> {
        rules::list(&member.scope, &filter.0).map(Reply::new)
    }

    /// Export activities as CSV
    ///
    /// What happened in the project, newest first, up to 100,000 rows a page, each with a sentence.
    /// `end_date` is ignored without `start_date`.
    #[oai(path = "/activities/csv", method = "get", operation_id = "export_activities_csv")]
    async fn export_csv(&self, member: Member<Admin>, filter: Filter<ActivityExport>) -> Result<Csv> {
        export::csv(&member.scope, &filter.0).map(Csv::Utf8)
    }
}
