//! Time travel with recorded calls: their changes, the state before them, and replays.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};

use super::entry::find;
use crate::{
    control::{Tag, sandbox::SandboxInfo, snapshot::SnapshotDifference},
    http::{AllSandboxes, Body, InnerCalls, Path, Problem, Reply, Selected, blocking},
    recorder::{entry::Entry, timeline::Moment},
    state::{
        Sandbox, State,
        history::TooOld,
        snapshot::{Difference, difference},
    },
    value::{Text, Timestamp},
};

/// A repeated call.
#[derive(Object)]
struct Replayed {
    /// Number of the new call in the journal.
    number: u64,
    /// Status of its response.
    status: u16,
}

/// A sandbox after a rewind.
#[derive(Object)]
struct Rewound {
    /// Number of the call to which the sandbox was rewound.
    number: u64,
    /// Current time of its clock.
    now: Timestamp,
}

/// A sandbox to create.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Branch {
    /// Name of the sandbox: 1 to 64 letters, digits, hyphens, underscores, and dots.
    sandbox: Text,
}

fn too_old(_: TooOld) -> Problem {
    Problem::of(
        410,
        "The state before this call is no longer kept: only the latest 1000 changes are, and fewer when memory runs low.",
    )
}

/// The version just before a call.
fn before(sandbox: &Sandbox, call: &Entry) -> Result<Arc<State>, Problem> {
    let version = sandbox.history.before(call.number).map_err(too_old)?;
    Ok(version.unwrap_or_else(|| sandbox.state_arc()))
}

/// The changes of a call, without interleaved commits of other calls.
fn changes(sandbox: &Sandbox, call: &Entry) -> Result<Vec<(&'static str, Difference)>, Problem> {
    let steps = sandbox.history.of_call(call.number).map_err(too_old)?;
    let mut all: Vec<(&'static str, Difference)> = Vec::new();
    for (name, more) in steps.iter().flat_map(|step| difference(&step.before.tables, &step.after.tables)) {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.extend(more),
            None => all.push((name, more)),
        }
    }
    Ok(all)
}

pub(in crate::control) struct TravelControl;

#[OpenApi(tag = "Tag::Journal")]
impl TravelControl {
    /// Get the changes of a call
    ///
    /// Compares the states before and after the call. A sandbox keeps its latest 1000 changes, or fewer when memory
    /// runs low: 410 if those of the call are no longer kept. 404 if there was no such call.
    ///
    /// Returns the differences by collection; none if the call changed nothing.
    #[oai(path = "/journal/:number/changes", method = "get", operation_id = "get_call_changes")]
    async fn changes(
        &self,
        selected: Selected,
        /// Number of the call.
        number: Path<u64>,
    ) -> Result<Reply<SnapshotDifference>, Problem> {
        let (sandbox, call) = (selected.0.clone(), find(&selected.0, number.0)?);
        let found = blocking(move || changes(&sandbox, &call)).await?;
        Ok(Reply::of(&SnapshotDifference::of(found)))
    }

    /// Repeat a call
    ///
    /// Makes the call again, in the same sandbox, with the same credentials, headers, and body. It is recorded like any
    /// other. 409 if the body was not recorded completely, and for frames of the realtime API.
    ///
    /// Returns the number of the new call, and the status of its response.
    #[oai(path = "/journal/:number/replay", method = "post", operation_id = "replay_call")]
    async fn replay(
        &self,
        selected: Selected,
        calls: InnerCalls,
        /// Number of the call.
        number: Path<u64>,
    ) -> Result<Reply<Replayed>, Problem> {
        let call = find(&selected.0, number.0)?;
        let outcome = calls.replay(&call).await;
        let outcome = outcome.ok_or_else(|| {
            Problem::of(409, "This call cannot be repeated: it was not recorded completely, or is a frame.")
        })?;
        Ok(Reply::of(&Replayed { number: outcome.number, status: outcome.status }))
    }

    /// Rewind to a call
    ///
    /// Restores all documents, the position of the ID generator, and the clock to just before the call. Recorded
    /// deliveries, undelivered webhooks, and the contents of test inboxes are discarded; faults and the journal are
    /// kept. 410 if the state is no longer kept.
    ///
    /// Returns the number of the call, and the current time of the clock.
    #[oai(path = "/journal/:number/rewind", method = "post", operation_id = "rewind_to_call")]
    async fn rewind(
        &self,
        selected: Selected,
        /// Number of the call.
        number: Path<u64>,
    ) -> Result<Reply<Rewound>, Problem> {
        let sandbox = &selected.0;
        let call = find(sandbox, number.0)?;
        sandbox.rewind(&*before(sandbox, &call)?, call.at);
        sandbox.journal.enter(|| Moment::Change("state"));
        sandbox.journal.enter(|| Moment::Change("clock"));
        Ok(Reply::of(&Rewound { number: call.number, now: sandbox.clock.now() }))
    }

    /// Branch off before a call
    ///
    /// Creates a sandbox with all documents and the position of the ID generator as they were just before the call. Its
    /// clock shows the time of the call. 409 if the sandbox exists, 410 if the state is no longer kept.
    ///
    /// Returns the created sandbox.
    #[oai(path = "/journal/:number/branch", method = "post", operation_id = "branch_from_call")]
    async fn branch(
        &self,
        selected: Selected,
        everything: AllSandboxes,
        /// Number of the call.
        number: Path<u64>,
        body: Body<Branch>,
    ) -> Result<Reply<SandboxInfo>, Problem> {
        let (sandbox, world, name) = (&selected.0, &everything.0, &body.0.sandbox);
        let call = find(sandbox, number.0)?;
        let state = before(sandbox, &call)?;
        if world.known_sandbox(name).is_some() {
            return Err(Problem::of(409, &format!("The sandbox `{name}` exists: choose another name, or delete it.")));
        }
        let created = world.sandbox(name)?;
        created.rewind(&state, call.at);
        sandbox.journal.enter(|| Moment::Change("sandboxes"));
        Ok(Reply::of(&SandboxInfo::of(&created)))
    }
}
