//! State operations (reset, export, save, import), and writes of data that the imitated API only reads.

use std::time::Duration;

use poem_openapi::{Object, OpenApi};
use tokio::time::timeout;

use super::{Tag, journal::settled, reset_options::ResetOptions};
use crate::{
    http::{AllSandboxes, Body, Path, Problem, Reply, Selected, Upload, blocking},
    resource::request::chatbot_parameters::{self, ChatbotParameters},
    state::{Sandbox, fixture, sandbox},
    value::{JsonObject, Text, Timestamp},
};

/// Maximum time a reset waits for earlier commits to be turned into deliveries.
const PATIENCE: Duration = Duration::from_secs(1);

/// A sandbox after a reset, and the discarded items.
#[derive(Object)]
struct ResetSummary {
    /// Name of the sandbox.
    sandbox: Text,
    /// Seed from which IDs and all other random values are derived.
    seed: u64,
    /// Current time of its clock.
    now: Timestamp,
    /// Whether its clock is frozen.
    frozen: bool,
    /// Number of documents.
    documents: u32,
    /// Items discarded by the reset.
    discarded: Discarded,
}

/// Items discarded by a reset.
#[derive(Object)]
struct Discarded {
    /// Number of calls in the journal.
    calls: u64,
    /// Number of faults.
    faults: u32,
    /// Number of recorded webhook deliveries.
    deliveries: u32,
}

/// A saved state file.
#[derive(Object)]
struct Saved {
    /// Size of the file in bytes.
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

async fn exported(sandbox: &Sandbox) -> Reply<JsonObject> {
    let state = sandbox.state_arc();
    Reply::in_parts(blocking(move || state.tables.export_parts()).await)
}

pub(super) struct States;

#[OpenApi(tag = "Tag::State")]
impl States {
    /// Reset a sandbox
    ///
    /// Restores the fixtures with which the server was started, restarts the clock, the seed, and the rate limit,
    /// removes all faults, and clears the journal, the recorded deliveries, and the test inboxes. IDs start over, so
    /// the same calls return the same responses as after startup. Snapshots are kept, and the digest of the run
    /// continues.
    ///
    /// With `reload`, the files of the world are read again first, and this and all later resets return to the new
    /// world. A world with problems is rejected and changes nothing; 409 if the server was not started with files.
    ///
    /// Returns the sandbox after the reset and the numbers of discarded items.
    #[oai(path = "/reset", method = "post", operation_id = "reset")]
    async fn reset(
        &self,
        everything: AllSandboxes,
        selected: Selected,
        options: ResetOptions,
    ) -> Result<Reply<ResetSummary>, Problem> {
        let sandbox = selected.0;
        if options.reload {
            let world = everything.0.clone();
            if !blocking(move || world.reload()).await? {
                return Err(Problem::of(409, "No files to reload: start the server with `--fixtures`."));
            }
        }
        // Otherwise earlier commits could still be sent after the reset. A subscriber that a callout waits for can
        // exceed this.
        let _ = timeout(PATIENCE, settled(&sandbox)).await;
        let discarded = sandbox.reset();
        Ok(Reply::of(&summary(&sandbox, discarded)))
    }

    /// Export the state
    ///
    /// Exports all documents in the fixture format, including secrets and the contents of unsent emails.
    ///
    /// Returns all documents by collection.
    #[oai(path = "/state", method = "get", operation_id = "export_state")]
    async fn export(&self, selected: Selected) -> Result<Reply<JsonObject>, Problem> {
        Ok(exported(&selected.0).await)
    }

    /// Save the state
    ///
    /// Writes the documents of the default sandbox to the `--state` file, as stopping the server does. The file is
    /// replaced atomically: readers find either the old or the new state. 409 if the server runs without `--state`, or
    /// if the file cannot be written.
    ///
    /// Returns the size of the written file.
    #[oai(path = "/state/save", method = "post", operation_id = "save_state")]
    async fn save(&self, everything: AllSandboxes) -> Result<Reply<Saved>, Problem> {
        match everything.0.save() {
            Ok(Some(bytes)) => Ok(Reply::of(&Saved { bytes: u64::try_from(bytes).unwrap_or(u64::MAX) })),
            Ok(None) => Err(Problem::of(409, "No state file: start the server with `--state FILE`.")),
            Err(error) => Err(Problem::of(409, &format!("Failed to write the state file: {error}."))),
        }
    }

    /// Import the state
    ///
    /// Replaces all documents with those of the body, which is in the fixture format. An invalid body is rejected and
    /// changes nothing.
    ///
    /// Returns all documents by collection.
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
    /// Set a request's chatbot parameters
    ///
    /// Replaces the parameters that the bot stored during a conversation. The imitated API can only read them.
    ///
    /// Returns the stored parameters.
    #[oai(path = "/requests/:request_id/chatbot/parameters", method = "put", operation_id = "set_chatbot_parameters")]
    async fn set_parameters(
        &self,
        selected: Selected,
        /// ID of the request, chosen by the client (`request_id`).
        request_id: Path<Text>,
        body: Body<ChatbotParameters>,
    ) -> Result<Reply<ChatbotParameters>, Problem> {
        let parameters = selected.0.write(None, |tx| chatbot_parameters::set(tx, &request_id, body.0))?;
        Ok(Reply::of(&parameters))
    }
}
