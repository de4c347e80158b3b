//! History of a request.

use poem_openapi::OpenApi;

use super::{Section, rules::find};
use crate::{
    http::{Agent, Member, Path, Reply},
    resource::activity::{self, document::Activity},
    value::{Error, Result, Text},
};

pub(crate) struct History;

#[OpenApi(tag = "Section::Requests")]
impl History {
    /// Get the history of a request
    ///
    /// Lists the activities whose target is the request.
    ///
    /// Returns the activities of the request, oldest first.
    #[oai(path = "/requests/:request_id/history", method = "get", operation_id = "get_request_history")]
    async fn get(&self, member: Member<Agent>, request_id: Path<Text>) -> Result<Reply<Vec<Activity>>> {
        let scope = &member.scope;
        scope.read(|state| {
            let request = find(state, scope.project, &request_id).ok_or(Error::OBJECT_NOT_FOUND)?;
            Ok(Reply::new(activity::rules::of_request(state, scope.project, request)))
        })
    }
}
