//! Snapshots: named states to restore and to compare.

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

/// Stands for the current state in comparisons.
const NOW: &str = "now";

/// A list of snapshots.
#[derive(Object)]
struct SnapshotList {
    /// Number of snapshots.
    count: u32,
    /// The snapshots, ordered by name.
    snapshots: Vec<SnapshotInfo>,
}

/// A snapshot: a named state.
#[derive(Object)]
struct SnapshotInfo {
    /// Name of the snapshot.
    name: Text,
    /// Time at which it was taken, according to the sandbox's clock.
    at: Timestamp,
}

/// The differences between two states.
#[derive(Object)]
pub(super) struct SnapshotDifference {
    /// Whether the states are equal.
    same: bool,
    /// Differences by collection: documents that were `added`, `removed`, or `changed`. A changed document has its
    /// `_id` and its `changes`, each with a JSON `pointer` and the values `before` and `after`.
    collections: JsonObject,
}

impl SnapshotDifference {
    pub(super) fn of(found: Vec<(&'static str, Difference)>) -> Self {
        let collections = JsonObject(found.into_iter().map(told).collect());
        Self { same: collections.0.is_empty(), collections }
    }
}

fn info(name: &str, snapshot: &Snapshot) -> SnapshotInfo {
    SnapshotInfo { name: name.into(), at: snapshot.at }
}

fn known(sandbox: &Sandbox, name: &str) -> Result<Snapshot, Problem> {
    sandbox.snapshots.get(name).ok_or_else(|| Problem::of(404, &unknown(sandbox, name)))
}

/// The error message for an unknown snapshot, with a suggestion.
pub(crate) fn unknown(sandbox: &Sandbox, name: &str) -> String {
    let names: Vec<_> = sandbox.snapshots.all().into_keys().collect();
    suggest::unknown("snapshot", name, names.iter().map(|name| &**name))
}

/// The state of a snapshot, or the current state.
fn state(sandbox: &Sandbox, name: &str) -> Result<std::sync::Arc<State>, Problem> {
    if name == NOW { Ok(sandbox.state().clone()) } else { known(sandbox, name).map(|known| known.state) }
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
    /// List the sandbox's snapshots
    ///
    /// Lists the snapshots of the sandbox. They survive a reset.
    ///
    /// Returns all snapshots, ordered by name.
    #[oai(path = "/snapshots", method = "get", operation_id = "list_snapshots")]
    async fn list(&self, selected: Selected) -> Result<Reply<SnapshotList>, Problem> {
        let snapshots: Vec<_> = selected.0.snapshots.all().iter().map(|(name, known)| info(name, known)).collect();
        let count = u32::try_from(snapshots.len()).unwrap_or(u32::MAX);
        Ok(Reply::of(&SnapshotList { count, snapshots }))
    }

    /// Take a snapshot
    ///
    /// Saves all documents and the position of the ID generator under a name. An existing snapshot of that name is
    /// replaced.
    ///
    /// Returns the snapshot.
    #[oai(path = "/snapshots/:name", method = "post", operation_id = "take_snapshot")]
    async fn take(
        &self,
        selected: Selected,
        /// Name of the snapshot; any except `now`.
        name: Path<Text>,
    ) -> Result<Reply<SnapshotInfo>, Problem> {
        if &**name == NOW {
            return Err(Problem::at("/path/name", "`now` is reserved for the current state; choose another name"));
        }
        if matches!(&**name, "." | "..") {
            return Err(Problem::at("/path/name", "clients resolve `.` and `..` in paths; choose another name"));
        }
        let snapshot = Snapshot { state: selected.0.state().clone(), at: selected.0.clock.now() };
        selected.0.snapshots.keep(name.0.clone(), snapshot.clone());
        Ok(Reply::of(&info(&name, &snapshot)))
    }

    /// Restore a snapshot
    ///
    /// Restores all documents and the position of the ID generator. Recorded deliveries, undelivered webhooks, and the
    /// contents of test inboxes are discarded; the clock, faults, and journal are kept.
    ///
    /// Returns the restored snapshot.
    #[oai(path = "/snapshots/:name/restore", method = "post", operation_id = "restore_snapshot")]
    async fn restore(
        &self,
        selected: Selected,
        /// Name of the snapshot.
        name: Path<Text>,
    ) -> Result<Reply<SnapshotInfo>, Problem> {
        let snapshot = known(&selected.0, &name)?;
        selected.0.restore(&snapshot.state);
        Ok(Reply::of(&info(&name, &snapshot)))
    }

    /// Delete a snapshot
    ///
    /// Deletes the snapshot. The current state does not change.
    ///
    /// Returns the deleted snapshot.
    #[oai(path = "/snapshots/:name", method = "delete", operation_id = "delete_snapshot")]
    async fn delete(
        &self,
        selected: Selected,
        /// Name of the snapshot.
        name: Path<Text>,
    ) -> Result<Reply<SnapshotInfo>, Problem> {
        let snapshot = known(&selected.0, &name)?;
        selected.0.snapshots.forget(&name);
        Ok(Reply::of(&info(&name, &snapshot)))
    }

    /// Compare two states
    ///
    /// Compares two snapshots, or a snapshot with the current state (`now`).
    ///
    /// Returns the differences by collection.
    #[oai(path = "/snapshots/:name/diff/:after", method = "get", operation_id = "compare_snapshots")]
    async fn compare(
        &self,
        selected: Selected,
        /// Name of the earlier snapshot, or `now`.
        name: Path<Text>,
        /// Name of the later snapshot, or `now`.
        after: Path<Text>,
    ) -> Result<Reply<SnapshotDifference>, Problem> {
        let (before, after) = (state(&selected.0, &name)?, state(&selected.0, &after)?);
        let found = snapshot::difference(&before.tables, &after.tables);
        Ok(Reply::of(&SnapshotDifference::of(found)))
    }
}
