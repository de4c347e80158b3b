//! State: reset, export, import.

use poem_openapi::OpenApi;

use super::{Tag, problem::Problem};
use crate::{
    http::{Anyone, Reply, Upload},
    world::{JsonObject, fixture},
};

pub(super) struct States;

#[OpenApi(tag = "Tag::State")]
impl States {
    /// Reset
    ///
    /// Back to the fixtures with which the server was started. Ids start anew, so that the same calls give the same
    /// answers as after a start.
    #[oai(path = "/reset", method = "post", operation_id = "reset")]
    async fn reset(&self, anyone: Anyone) -> Result<Reply<JsonObject>, Problem> {
        anyone.0.reset();
        Ok(Reply::new(anyone.0.state().tables.export()))
    }

    /// Export the state
    ///
    /// All documents in the fixture format, secrets and the contents of unsent mails included.
    #[oai(path = "/state", method = "get", operation_id = "export_state")]
    async fn export(&self, anyone: Anyone) -> Result<Reply<JsonObject>, Problem> {
        Ok(Reply::new(anyone.0.state().tables.export()))
    }

    /// Import a state
    ///
    /// Replaces all documents by those of the body, which is in the fixture format. Nothing changes when it is refused.
    #[oai(path = "/state", method = "put", operation_id = "import_state")]
    async fn import(&self, anyone: Anyone, body: Upload) -> Result<Reply<JsonObject>, Problem> {
        anyone.0.replace(fixture::parse("body", &body.0)?);
        Ok(Reply::new(anyone.0.state().tables.export()))
    }
}
