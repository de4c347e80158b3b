//! State: reset, export, import, and what the API tells but cannot write.

use poem_openapi::{Object, OpenApi};

use super::Tag;
use crate::{
    http::{Anyone, Body, Everything, Path, Problem, Reply, Upload},
    resource::request::parameter::{model::ChatbotParameters, rules},
    world::{JsonObject, Text, fixture},
};

/// What was written.
#[derive(Object)]
struct Saved {
    /// Size of the file.
    bytes: u64,
}

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

    /// Save the state
    ///
    /// Writes the documents of the default sandbox to the file of `--state`, as stopping the server does. Whoever reads the file
    /// finds the old one or the new one, each whole; 409 where there is no file.
    #[oai(path = "/state/save", method = "post", operation_id = "save_state")]
    async fn save(&self, everything: Everything) -> Result<Reply<Saved>, Problem> {
        match everything.0.save() {
            Ok(Some(bytes)) => Ok(Reply::of(&Saved { bytes: u64::try_from(bytes).unwrap_or(u64::MAX) })),
            Ok(None) => Err(Problem::of(409, "There is no file to write to: start with --state FILE.")),
            Err(error) => Err(Problem::of(409, &format!("The state was not written: {error}."))),
        }
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

pub(super) struct Requests;

#[OpenApi(tag = "Tag::Requests")]
impl Requests {
    /// Set the chatbot parameters of a request
    ///
    /// Replaces what the bot stored during a conversation. The API tells it and cannot write it.
    #[oai(path = "/requests/:request_id/chatbot/parameters", method = "put", operation_id = "set_chatbot_parameters")]
    async fn set_parameters(
        &self,
        anyone: Anyone,
        /// The `request_id` of the request.
        request_id: Path<Text>,
        body: Body<ChatbotParameters>,
    ) -> Result<Reply<ChatbotParameters>, Problem> {
        let parameters = anyone.0.write(None, |tx| rules::set(tx, &request_id, body.0))?;
        Ok(Reply::of(&parameters))
    }
}
