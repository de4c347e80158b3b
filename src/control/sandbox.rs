//! Sandboxes: which there are, and their ends.

use poem_openapi::{Object, OpenApi};

use super::{Tag, snapshot::unknown as unknown_snapshot};
use crate::{
    http::{AllSandboxes, Body, Path, Problem, Reply, Selected},
    state::{Sandbox, World, world::DEFAULT},
    value::{Text, Timestamp, suggest},
};

/// All sandboxes.
#[derive(Object)]
struct Sandboxes {
    /// How many there are.
    count: u32,
    /// Each of them, by name.
    sandboxes: Vec<SandboxInfo>,
}

/// One sandbox.
#[derive(Object)]
struct SandboxInfo {
    /// Name.
    name: Text,
    /// Number from which ids and everything else that looks random is made.
    seed: u64,
    /// What its clock shows.
    now: Timestamp,
    /// Whether its clock stands still.
    frozen: bool,
    /// Seconds since a call named it.
    idle: u64,
    /// Calls that its journal remembers.
    calls: u32,
    /// Its snapshots.
    snapshots: Vec<Text>,
}

/// How a sandbox is to start.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewSandbox {
    /// Snapshot to start from; the loaded world unless it is given.
    snapshot: Option<Text>,
    /// Sandbox that has the snapshot, or whose state of now is copied when no snapshot is given.
    sandbox: Option<Text>,
}

/// Where what looks random comes from.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Seed {
    /// The number.
    seed: u64,
}

fn info(sandbox: &Sandbox) -> SandboxInfo {
    SandboxInfo {
        name: (&*sandbox.name).into(),
        seed: sandbox.seed(),
        now: sandbox.clock.now(),
        frozen: sandbox.clock.is_frozen(),
        idle: sandbox.idle().as_secs(),
        calls: u32::try_from(sandbox.journal.len()).unwrap_or(u32::MAX),
        snapshots: sandbox.snapshots.all().into_keys().collect(),
    }
}

/// What is wrong with a name that no sandbox has.
fn unknown(world: &World, name: &str) -> String {
    let all = world.sandboxes();
    suggest::unknown("sandbox", name, all.iter().map(|sandbox| &*sandbox.name))
}

fn not_found(world: &World, name: &str) -> Problem {
    Problem::of(404, &format!("There is no such sandbox: {}.", unknown(world, name)))
}

pub(super) struct SandboxControl;

#[OpenApi(tag = "Tag::Sandboxes")]
impl SandboxControl {
    /// List sandboxes
    ///
    /// All that were named by a call and are not expired, and the default one.
    #[oai(path = "/sandboxes", method = "get", operation_id = "list_sandboxes")]
    async fn list(&self, everything: AllSandboxes) -> Result<Reply<Sandboxes>, Problem> {
        let sandboxes: Vec<_> = everything.0.sandboxes().iter().map(|sandbox| info(sandbox)).collect();
        let count = u32::try_from(sandboxes.len()).unwrap_or(u32::MAX);
        Ok(Reply::of(&Sandboxes { count, sandboxes }))
    }

    /// Get a sandbox
    ///
    /// One that is there: asking does not make it.
    #[oai(path = "/sandboxes/:name", method = "get", operation_id = "get_sandbox")]
    async fn get(
        &self,
        everything: AllSandboxes,
        /// Name of the sandbox.
        name: Path<Text>,
    ) -> Result<Reply<SandboxInfo>, Problem> {
        let sandbox = everything.0.known_sandbox(&name).ok_or_else(|| not_found(&everything.0, &name))?;
        Ok(Reply::of(&info(&sandbox)))
    }

    /// Create a sandbox
    ///
    /// From the loaded world, from a snapshot of another sandbox, or as another sandbox is now. One that is there
    /// already starts over, its digest included. Calls that name a sandbox make it as well, so this is only needed to choose what it starts from.
    #[oai(path = "/sandboxes/:name", method = "put", operation_id = "create_sandbox")]
    async fn create(
        &self,
        everything: AllSandboxes,
        /// Name of the sandbox: 1 to 64 letters, digits, hyphens, underscores and dots.
        name: Path<Text>,
        body: Body<NewSandbox>,
    ) -> Result<Reply<SandboxInfo>, Problem> {
        let world = &everything.0;
        let NewSandbox { snapshot, sandbox } = body.0;
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
        let created = world.sandbox(&name)?;
        created.restart();
        if let Some(state) = state {
            created.restore(&state);
        }
        Ok(Reply::of(&info(&created)))
    }

    /// Delete a sandbox
    ///
    /// With all that it holds. The default one can be reset, but not deleted.
    #[oai(path = "/sandboxes/:name", method = "delete", operation_id = "delete_sandbox")]
    async fn delete(
        &self,
        everything: AllSandboxes,
        /// Name of the sandbox.
        name: Path<Text>,
    ) -> Result<Reply<SandboxInfo>, Problem> {
        if &**name == DEFAULT {
            return Err(Problem::of(409, "The default sandbox can be reset, but not deleted."));
        }
        let removed = everything.0.remove(&name).map(|sandbox| Reply::of(&info(&sandbox)));
        removed.ok_or_else(|| not_found(&everything.0, &name))
    }

    /// Set the seed
    ///
    /// Ids and all else that looks random is made from it, from now on and until the next reset.
    #[oai(path = "/seed", method = "put", operation_id = "set_seed")]
    async fn reseed(&self, selected: Selected, body: Body<Seed>) -> Result<Reply<Seed>, Problem> {
        selected.0.reseed(body.0.seed);
        Ok(Reply::of(&body.0))
    }
}
