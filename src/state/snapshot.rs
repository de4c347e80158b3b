//! Named snapshots of a sandbox, and the differences between two states.
//!
//! A snapshot is a pointer: it shares documents until they change.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use serde_json::Value;

use super::{
    tables::{Collection, Tables, Visit},
    version::State,
};
use crate::{
    store::Table,
    value::{Text, Timestamp},
};

/// The snapshots of a sandbox.
#[derive(Default)]
pub(crate) struct Snapshots(Mutex<BTreeMap<Text, Snapshot>>);

/// A snapshot.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) state: Arc<State>,
    /// Creation time, according to the sandbox's clock.
    pub(crate) at: Timestamp,
}

impl Snapshots {
    /// Stores a snapshot, replacing one with the same name.
    pub(crate) fn keep(&self, name: Text, snapshot: Snapshot) {
        self.0.lock().insert(name, snapshot);
    }

    pub(crate) fn get(&self, name: &str) -> Option<Snapshot> {
        self.0.lock().get(&Text::from(name)).cloned()
    }

    pub(crate) fn forget(&self, name: &str) -> Option<Snapshot> {
        self.0.lock().remove(&Text::from(name))
    }

    /// All snapshots by name.
    pub(crate) fn all(&self) -> BTreeMap<Text, Snapshot> {
        self.0.lock().clone()
    }
}

/// The differences within a collection.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) added: Vec<Value>,
    pub(crate) removed: Vec<Value>,
    pub(crate) changed: Vec<Changed>,
}

impl Difference {
    /// Adds later differences.
    pub(crate) fn extend(&mut self, more: Self) {
        self.added.extend(more.added);
        self.removed.extend(more.removed);
        self.changed.extend(more.changed);
    }
}

/// A document that exists in both states but differs.
pub(crate) struct Changed {
    pub(crate) id: String,
    pub(crate) changes: Vec<Change>,
}

/// A value that differs.
pub(crate) struct Change {
    /// JSON pointer into the document.
    pub(crate) pointer: String,
    /// `None` if the value was added.
    pub(crate) before: Option<Value>,
    /// `None` if the value was removed.
    pub(crate) after: Option<Value>,
}

/// The collections that differ between two states.
pub(crate) fn difference(before: &Tables, after: &Tables) -> Vec<(&'static str, Difference)> {
    struct Compare<'a> {
        after: &'a Tables,
        found: Vec<(&'static str, Difference)>,
    }

    impl Visit for Compare<'_> {
        fn visit<T: Collection>(&mut self, before: &Table<T>) {
            let mut difference = Difference::default();
            for (old, new) in before.differences(T::table(self.after)) {
                let value = |stored: &[u8]| serde_json::from_slice(stored).unwrap_or(Value::Null);
                match (old.map(|old| value(&old.stored())), new.map(|new| value(&new.stored()))) {
                    (None, Some(new)) => difference.added.push(new),
                    (Some(old), None) => difference.removed.push(old),
                    (Some(old), Some(new)) => {
                        let mut changes = Vec::new();
                        compare(String::new(), Some(&old), Some(&new), &mut changes);
                        // Knowledge bases have their identifier in another field.
                        let id = old["_id"].as_str().or(old["id"].as_str()).unwrap_or_default().to_owned();
                        if !changes.is_empty() {
                            difference.changed.push(Changed { id, changes });
                        }
                    }
                    (None, None) => {}
                }
            }
            if !(difference.added.is_empty() && difference.removed.is_empty() && difference.changed.is_empty()) {
                self.found.push((T::NAME, difference));
            }
        }
    }

    let mut compare = Compare { after, found: Vec::new() };
    before.each(&mut compare);
    compare.found
}

/// Descends into objects. Arrays of equal length are compared item by item, others as a whole.
fn compare(pointer: String, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let added = after.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(added) {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                compare(format!("{pointer}/{escaped}"), before.get(name), after.get(name), changes);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                compare(format!("{pointer}/{index}"), Some(before), Some(after), changes);
            }
        }
        (before, after) => changes.push(Change { pointer, before: before.cloned(), after: after.cloned() }),
    }
}
