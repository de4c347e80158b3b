//! The time machine: named states, to go back to and to compare.

use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value, json};

use super::Tag;
use crate::{
    http::{Path, Problem, Reply, Selected},
    state::{
        Sandbox, State,
        snapshot::{self, Change, Changed, Difference, Snapshot},
    },
    value::{JsonObject, Text, Timestamp, suggest},
};

/// What stands for the state as it is, where a snapshot is compared.
const NOW: &str = "now";

/// The snapshots of a sandbox.
#[derive(Object)]
struct SnapshotList {
    /// How many there are.
    count: u32,
    /// Each of them, by name.
    snapshots: Vec<SnapshotInfo>,
}

/// A named state.
#[derive(Object)]
struct SnapshotInfo {
    /// Name.
    name: Text,
    /// When it was taken, by the clock of the fake.
    at: Timestamp,
}

/// What is different between two states.
#[derive(Object)]
struct SnapshotDifference {
    /// Whether nothing is.
    same: bool,
    /// By collection: the documents that were `added`, that were `removed`, and that were `changed`, each with its `_id`
    /// and its `changes`: a JSON `pointer`, what was there `before` and what is there `after`.
    collections: JsonObject,
}

fn info(name: &str, snapshot: &Snapshot) -> SnapshotInfo {
    SnapshotInfo { name: name.into(), at: snapshot.at }
}

fn known(sandbox: &Sandbox, parameter: &str, name: &str) -> Result<Snapshot, Problem> {
    let snapshot = sandbox.snapshots.get(name);
    snapshot.ok_or_else(|| Problem::at(format!("/path/{parameter}"), unknown(sandbox, name)))
}

/// What is wrong with a name that no snapshot has.
pub(crate) fn unknown(sandbox: &Sandbox, name: &str) -> String {
    let names: Vec<_> = sandbox.snapshots.all().into_keys().collect();
    suggest::unknown("snapshot", name, names.iter().map(|name| &**name))
}

/// The state of a snapshot, or as it is now.
fn state(sandbox: &Sandbox, parameter: &str, name: &str) -> Result<std::sync::Arc<State>, Problem> {
    if name == NOW { Ok(sandbox.state().clone()) } else { known(sandbox, parameter, name).map(|known| known.state) }
}

pub(super) fn told((collection, difference): (&'static str, Difference)) -> (String, Value) {
    let change = |Change { pointer, before, after }: Change| {
        let mut told = Map::from_iter([("pointer".to_owned(), Value::String(pointer))]);
        told.extend(before.map(|before| ("before".to_owned(), before)));
        told.extend(after.map(|after| ("after".to_owned(), after)));
        Value::Object(told)
    };
    let changed = |Changed { id, changes }: Changed| json!({"_id": id, "changes": changes.into_iter().map(change).collect::<Vec<_>>()});
    let Difference { added, removed, changed: all } = difference;
    let all: Vec<_> = all.into_iter().map(changed).collect();
    (collection.to_owned(), json!({"added": added, "removed": removed, "changed": all}))
}

pub(super) struct SnapshotControl;

#[OpenApi(tag = "Tag::Snapshots")]
impl SnapshotControl {
    /// List snapshots
    ///
    /// Those of the sandbox. A reset keeps them.
    #[oai(path = "/snapshots", method = "get", operation_id = "list_snapshots")]
    async fn list(&self, selected: Selected) -> Result<Reply<SnapshotList>, Problem> {
        let snapshots: Vec<_> = selected.0.snapshots.all().iter().map(|(name, known)| info(name, known)).collect();
        let count = u32::try_from(snapshots.len()).unwrap_or(u32::MAX);
        Ok(Reply::of(&SnapshotList { count, snapshots }))
    }

    /// Take a snapshot
    ///
    /// Keeps all documents as they are now, and where ids come from, under a name. One of that name is replaced.
    #[oai(path = "/snapshots/:name", method = "post", operation_id = "take_snapshot")]
    async fn take(
        &self,
        selected: Selected,
        /// Name of the snapshot; any but `now`.
        name: Path<Text>,
    ) -> Result<Reply<SnapshotInfo>, Problem> {
        if &**name == NOW {
            return Err(Problem::at("/path/name", "The state as it is now is called so."));
        }
        let snapshot = Snapshot { state: selected.0.state().clone(), at: selected.0.clock.now() };
        selected.0.snapshots.keep(name.0.clone(), snapshot.clone());
        Ok(Reply::of(&info(&name, &snapshot)))
    }

    /// Restore a snapshot
    ///
    /// All documents are again what they were, and ids go on as they did then. Webhooks that are not delivered yet are
    /// forgotten; clock, faults and journal stay as they are.
    #[oai(path = "/snapshots/:name/restore", method = "post", operation_id = "restore_snapshot")]
    async fn restore(
        &self,
        selected: Selected,
        /// Name of the snapshot.
        name: Path<Text>,
    ) -> Result<Reply<SnapshotInfo>, Problem> {
        let snapshot = known(&selected.0, "name", &name)?;
        selected.0.restore(&snapshot.state);
        Ok(Reply::of(&info(&name, &snapshot)))
    }

    /// Delete a snapshot
    ///
    /// Forgets a named state.
    #[oai(path = "/snapshots/:name", method = "delete", operation_id = "delete_snapshot")]
    async fn delete(
        &self,
        selected: Selected,
        /// Name of the snapshot.
        name: Path<Text>,
    ) -> Result<Reply<SnapshotInfo>, Problem> {
        let snapshot = known(&selected.0, "name", &name)?;
        selected.0.snapshots.forget(&name);
        Ok(Reply::of(&info(&name, &snapshot)))
    }

    /// Compare two states
    ///
    /// What is different in `after` from what was in `before`: two snapshots, or a snapshot and `now`.
    #[oai(path = "/snapshots/:name/diff/:after", method = "get", operation_id = "compare_snapshots")]
    async fn compare(
        &self,
        selected: Selected,
        /// Name of the snapshot that was before, or `now`.
        name: Path<Text>,
        /// Name of the snapshot that came after, or `now`.
        after: Path<Text>,
    ) -> Result<Reply<SnapshotDifference>, Problem> {
        let (before, after) = (state(&selected.0, "name", &name)?, state(&selected.0, "after", &after)?);
        let found = snapshot::difference(&before.tables, &after.tables);
        let collections = JsonObject(found.into_iter().map(told).collect());
        Ok(Reply::of(&SnapshotDifference { same: collections.0.is_empty(), collections }))
    }
}
