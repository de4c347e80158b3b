//! Sandboxes: listing, creating, and deleting them, and their seeds.

use poem_openapi::{Object, OpenApi};

use super::{Tag, clock::unreachable, snapshot::unknown as unknown_snapshot};
use crate::{
    http::{AllSandboxes, Body, Path, Problem, Reply, Selected},
    runtime::clock::{ClockSetting, Unreachable},
    state::{Sandbox, World, world::DEFAULT},
    value::{Text, Timestamp, suggest},
};

/// A list of sandboxes.
#[derive(Object)]
struct Sandboxes {
    /// Number of sandboxes.
    count: u32,
    /// The sandboxes, ordered by name.
    sandboxes: Vec<SandboxInfo>,
}

/// A sandbox.
#[derive(Object)]
pub(super) struct SandboxInfo {
    /// Name of the sandbox.
    name: Text,
    /// Seed from which IDs and all other random values are derived.
    seed: u64,
    /// Current time of its clock.
    now: Timestamp,
    /// Whether its clock is frozen.
    frozen: bool,
    /// Speed of its clock relative to real time; 0 while frozen.
    speed: u16,
    /// Seconds since the last call that selected it.
    idle: u64,
    /// Number of calls in its journal.
    calls: u32,
    /// Names of its snapshots.
    snapshots: Vec<Text>,
}

/// The state that a sandbox starts from.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewSandbox {
    /// Snapshot to start from (default: the loaded world, or the current state of `sandbox` if given).
    snapshot: Option<Text>,
    /// Sandbox that owns the snapshot (default: the default sandbox). Without `snapshot`, its current state is copied.
    sandbox: Option<Text>,
    /// Clock of the sandbox, in the syntax of the option `--clock` (default: the value of that option). Resets of the
    /// sandbox return to it.
    clock: Option<Text>,
}

/// The seed of a sandbox.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Seed {
    /// Seed from which IDs and all other random values are derived.
    #[oai(validator(maximum(value = "9007199254740991")))]
    seed: u64,
}

impl SandboxInfo {
    pub(super) fn of(sandbox: &Sandbox) -> Self {
        Self {
            name: (&*sandbox.name).into(),
            seed: sandbox.seed(),
            now: sandbox.clock.now(),
            frozen: sandbox.clock.is_frozen(),
            speed: sandbox.clock.speed(),
            idle: sandbox.idle().as_secs(),
            calls: u32::try_from(sandbox.journal.len()).unwrap_or(u32::MAX),
            snapshots: sandbox.snapshots.all().into_keys().collect(),
        }
    }
}

/// The error message for an unknown sandbox, with a suggestion.
fn unknown(world: &World, name: &str) -> String {
    let all = world.sandboxes();
    suggest::unknown("sandbox", name, all.iter().map(|sandbox| &*sandbox.name))
}

fn not_found(world: &World, name: &str) -> Problem {
    Problem::of(404, &format!("Not found: {}", unknown(world, name)))
}

pub(super) struct SandboxControl;

#[OpenApi(tag = "Tag::Sandboxes")]
impl SandboxControl {
    /// List all sandboxes
    ///
    /// Lists the default sandbox and every sandbox that a call has selected and that has not expired.
    ///
    /// Returns all sandboxes, ordered by name.
    #[oai(path = "/sandboxes", method = "get", operation_id = "list_sandboxes")]
    async fn list(&self, everything: AllSandboxes) -> Result<Reply<Sandboxes>, Problem> {
        let sandboxes: Vec<_> = everything.0.sandboxes().iter().map(|sandbox| SandboxInfo::of(sandbox)).collect();
        let count = u32::try_from(sandboxes.len()).unwrap_or(u32::MAX);
        Ok(Reply::of(&Sandboxes { count, sandboxes }))
    }

    /// Get a sandbox
    ///
    /// Unlike calls that select a sandbox, this does not create it. 404 if it does not exist.
    ///
    /// Returns the sandbox.
    #[oai(path = "/sandboxes/:name", method = "get", operation_id = "get_sandbox")]
    async fn get(
        &self,
        everything: AllSandboxes,
        /// Name of the sandbox.
        name: Path<Text>,
    ) -> Result<Reply<SandboxInfo>, Problem> {
        let sandbox = everything.0.known_sandbox(&name).ok_or_else(|| not_found(&everything.0, &name))?;
        Ok(Reply::of(&SandboxInfo::of(&sandbox)))
    }

    /// Create a sandbox
    ///
    /// Starts the sandbox from the loaded world, from a snapshot of any sandbox, or from the current state of another
    /// sandbox. An existing sandbox starts over, including its digest. Calls that select a sandbox create it, too, so
    /// this is only needed to choose the initial state.
    ///
    /// Returns the created sandbox.
    #[oai(path = "/sandboxes/:name", method = "put", operation_id = "create_sandbox")]
    async fn create(
        &self,
        everything: AllSandboxes,
        /// Name of the sandbox: 1 to 64 letters, digits, hyphens, underscores, and dots.
        name: Path<Text>,
        body: Body<NewSandbox>,
    ) -> Result<Reply<SandboxInfo>, Problem> {
        let world = &everything.0;
        let NewSandbox { snapshot, sandbox, clock } = body.0;
        let clock = clock.map(|clock| clock.parse::<ClockSetting>()).transpose();
        let clock = clock.map_err(|problem| Problem::at("/clock", problem))?;
        let source = match (&sandbox, &snapshot) {
            (None, None) => None,
            (source, _) => {
                let source = source.as_deref().unwrap_or(DEFAULT);
                let known = world.known_sandbox(source);
                Some(known.ok_or_else(|| Problem::at("/sandbox", unknown(world, source)))?)
            }
        };
        let state = source.map(|source| match &snapshot {
            None => Ok(source.state().clone()),
            Some(name) => {
                let known = source.snapshots.get(name).map(|snapshot| snapshot.state);
                known.ok_or_else(|| Problem::at("/snapshot", unknown_snapshot(&source, name)))
            }
        });
        let state = state.transpose()?;
        if let (Some(clock), Some(state)) = (clock, &state)
            && clock.start() < state.written_at
        {
            return Err(Problem::at("/clock", unreachable(Unreachable::Written(state.written_at))));
        }
        let created = world.sandbox(&name)?;
        created.restart(clock);
        if let Some(state) = state {
            created.restore(&state);
        }
        Ok(Reply::of(&SandboxInfo::of(&created)))
    }

    /// Delete a sandbox
    ///
    /// Deletes the sandbox and everything in it. The default sandbox can be reset but not deleted (409).
    ///
    /// Returns the deleted sandbox.
    #[oai(path = "/sandboxes/:name", method = "delete", operation_id = "delete_sandbox")]
    async fn delete(
        &self,
        everything: AllSandboxes,
        /// Name of the sandbox.
        name: Path<Text>,
    ) -> Result<Reply<SandboxInfo>, Problem> {
        if &**name == DEFAULT {
            return Err(Problem::of(409, "The default sandbox cannot be deleted; reset it instead."));
        }
        let removed = everything.0.remove(&name).map(|sandbox| Reply::of(&SandboxInfo::of(&sandbox)));
        removed.ok_or_else(|| not_found(&everything.0, &name))
    }

    /// Set the seed
    ///
    /// Derives IDs and all other random values from this seed from now on, until the next reset.
    ///
    /// Returns the new seed.
    #[oai(path = "/seed", method = "put", operation_id = "set_seed")]
    async fn reseed(&self, selected: Selected, body: Body<Seed>) -> Result<Reply<Seed>, Problem> {
        selected.0.reseed(body.0.seed);
        Ok(Reply::of(&body.0))
    }
}
