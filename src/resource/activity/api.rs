//! Activities: the activity log of a project.

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
    /// List the project's activities
    ///
    /// Lists the activities of the project. The default page size is 40, the maximum 100 (1000 with `chart`); a larger
    /// `limit` is reduced to the maximum, and 0 lists all activities. `end_date` is ignored without `start_date`.
    ///
    /// Returns one page of activities, newest first.
    #[oai(path = "/activities", method = "get", operation_id = "list_activities")]
    async fn list(&self, member: Member<Admin>, filter: Filter<ActivityFilter>) -> Result<Reply<ActivityPage>> {
        rules::list(&member.scope, &filter.0).map(Reply::new)
    }

    /// Export activities as CSV
    ///
    /// Exports up to 100,000 activities per page, one row each. The `message` column is a one-sentence summary in the
    /// requested language; it is empty if the verb is self-explanatory. `end_date` is ignored without `start_date`.
    ///
    /// Returns the activities, newest first, as semicolon-separated CSV with a header row.
    #[oai(path = "/activities/csv", method = "get", operation_id = "export_activities_csv")]
    async fn export_csv(&self, member: Member<Admin>, filter: Filter<ActivityExport>) -> Result<Csv> {
        export::csv(&member.scope, &filter.0).map(Csv::Utf8)
    }
}
