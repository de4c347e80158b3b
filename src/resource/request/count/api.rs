//! The numbers above a list of requests.

use poem_openapi::OpenApi;

use super::{
    model::{CountFilter, RequestCounts},
    rules,
};
use crate::{
    http::{Agent, Filter, Member, Reply},
    resource::request::Section,
    world::Result,
};

pub(crate) struct Counts;

#[OpenApi(tag = "Section::Requests")]
impl Counts {
    /// Count requests
    ///
    /// The open requests of the project by who serves them: nobody, agents, or bots.
    #[oai(path = "/requests/count", method = "get", operation_id = "count_requests_by_state")]
    async fn count(&self, member: Member<Agent>, filter: Filter<CountFilter>) -> Result<Reply<RequestCounts>> {
        Ok(Reply::of(&rules::count(&member.scope, &filter.0)))
    }
}
