//! State: reset, export, import, and what the API tells but cannot write.

use std::time::Duration;

use poem_openapi::{Object, OpenApi};
use tokio::time::timeout;

use super::{Tag, journal::settled};
use crate::{
    http::{AllSandboxes, Body, Path, Problem, Reply, Selected, Upload, blocking},
    resource::request::chatbot_parameters::{self, ChatbotParameters},
    state::{Sandbox, fixture, sandbox},
    value::{JsonObject, Text, Timestamp},
};

/// How long a reset waits for what was committed before it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A sandbox after a reset, and what the reset discarded.
#[derive(Object)]
struct ResetSummary {
    /// Name of the sandbox.
    sandbox: Text,
    /// Number from which ids and everything else that looks random is made.
    seed: u64,
    /// Time that its clock shows.
    now: Timestamp,
    /// Whether its clock is frozen.
    frozen: bool,
    /// Number of documents.
    documents: u32,
    /// What the reset discarded.
    discarded: Discarded,
}

/// What a reset discarded.
#[derive(Object)]
struct Discarded {
    /// Calls in the journal.
    calls: u64,
    /// Faults.
    faults: u32,
    /// Webhook deliveries in the list.
    deliveries: u32,
}

/// What was written.
#[derive(Object)]
struct Saved {
    /// Size of the file.
    bytes: u64,
}

fn summary(sandbox: &Sandbox, discarded: sandbox::Discarded) -> ResetSummary {
    let size = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    ResetSummary {
        sandbox: (&*sandbox.name).into(),
        seed: sandbox.seed(),
        now: sandbox.clock.now(),
        frozen: sandbox.clock.is_frozen(),
        documents: size(sandbox.state().tables.len()),
        discarded: Discarded {
            calls: discarded.calls,
            faults: size(discarded.faults),
            deliveries: size(discarded.deliveries),
        },
    }
}

/// The state of now.
async fn exported(sandbox: &Sandbox) -> Reply<JsonObject> {
    let state = sandbox.state_arc();
    Reply::in_parts(blocking(move || state.tables.export_parts()).await)
}

pub(super) struct States;

#[OpenApi(tag = "Tag::State")]
impl States {
    /// Reset
    ///
    /// Returns the sandbox to the fixtures with which the server was started. Ids start over, so that the same calls give the
    /// same responses as after a start. Snapshots stay, and the digest of the run goes on.
    #[oai(path = "/reset", method = "post", operation_id = "reset")]
    async fn reset(&self, selected: Selected) -> Result<Reply<ResetSummary>, Problem> {
        let sandbox = selected.0;
        // What was committed before the reset is not sent after it, unless a subscriber is asked and takes too long.
        let _ = timeout(PATIENCE, settled(&sandbox)).await;
        let discarded = sandbox.reset();
        Ok(Reply::of(&summary(&sandbox, discarded)))
    }

    /// Export the state
    ///
    /// All documents in the fixture format, secrets and the contents of unsent mails included.
    #[oai(path = "/state", method = "get", operation_id = "export_state")]
    async fn export(&self, selected: Selected) -> Result<Reply<JsonObject>, Problem> {
        Ok(exported(&selected.0).await)
    }

    /// Save the state
    ///
    /// Writes the documents of the default sandbox to the file of `--state`, as stopping the server does. Whoever reads the file
    /// finds the old one or the new one, each whole; 409 where there is no file.
    #[oai(path = "/state/save", method = "post", operation_id = "save_state")]
    async fn save(&self, everything: AllSandboxes) -> Result<Reply<Saved>, Problem> {
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
    async fn import(&self, selected: Selected, body: Upload) -> Result<Reply<JsonObject>, Problem> {
        let sandbox = selected.0;
        let replaced = sandbox.clone();
        blocking(move || {
            let tables = fixture::parse("body", &body.0)?;
            sandbox.memory.admit()?;
            sandbox.replace(tables);
            Ok::<_, Problem>(())
        })
        .await?;
        Ok(exported(&replaced).await)
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
        selected: Selected,
        /// The `request_id` of the request.
        request_id: Path<Text>,
        body: Body<ChatbotParameters>,
    ) -> Result<Reply<ChatbotParameters>, Problem> {
        let parameters = selected.0.write(None, |tx| chatbot_parameters::set(tx, &request_id, body.0))?;
        Ok(Reply::of(&parameters))
    }
}
