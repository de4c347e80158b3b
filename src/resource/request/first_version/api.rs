//! Requests as the first version of the API shows them: the only operations in which versions differ.

use poem_openapi::OpenApi;

use super::{
    model::{FirstVersionRequestPage, IgnoredPaging, RequestV1},
    rules,
};
use crate::{
    http::{Agent, Filter, Member, Path, Populated, Reply},
    resource::request::{Section, search::model::RequestFilter},
    world::{Result, Text},
};

pub(crate) struct FirstVersionRequests;

#[OpenApi(tag = "Section::Requests")]
impl FirstVersionRequests {
    /// List requests
    ///
    /// The requests of the project, whatever their status, newest first, page by page.
    #[oai(path = "/requests", method = "get", operation_id = "list_first_version_requests")]
    async fn list(
        &self,
        member: Member<Agent>,
        filter: Filter<RequestFilter>,
    ) -> Result<Reply<FirstVersionRequestPage>> {
        rules::list(&member.scope, &member.actor, &filter.0).map(Reply::new)
    }

    /// Get a request
    ///
    /// The request with the identifier of its department and its agents.
    #[oai(path = "/requests/:request_id", method = "get", operation_id = "get_first_version_request")]
    async fn get(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        _ignored: Filter<IgnoredPaging>,
    ) -> Result<Reply<Populated<RequestV1>>> {
        let scope = &member.scope;
        scope.read(|state| rules::get(state, scope.project, &request_id)).map(Reply::new)
    }
}
