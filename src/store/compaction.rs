//! Compaction: merges memtables into base tables, concurrently with writes.
//!
//! A write records the merge that it makes due. Once its version is published, the merge runs without a lock, and the
//! version that is current by then is rebased on the result.

use std::sync::Arc;

use super::{
    doc::{Doc, Document},
    table::{Duplicate, Table},
};

/// A set of tables, one of which stores documents of type `T`.
pub(crate) trait Holds<T: Document> {
    fn table(&self) -> &Table<T>;

    fn table_mut(&mut self) -> &mut Table<T>;
}

/// The place where versions of a set of tables are published.
pub(crate) trait Published<S> {
    /// The current version.
    fn current(&self) -> Arc<S>;

    /// Changes the current version and publishes the result, unless `change` returns false. Writers wait meanwhile.
    fn amend(&self, change: impl FnOnce(&mut S) -> bool);
}

/// The merges that writes have made due.
pub(crate) struct Merges<S>(Vec<Merge<S>>);

struct Merge<S> {
    /// Merges the memtable of a version.
    run: fn(&S),
    /// Rebases a version on an earlier, merged one.
    rebase: fn(&mut S, &S) -> bool,
}

impl<S> Default for Merges<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S> Merges<S> {
    /// Inserts a document, or replaces the one with the same ID.
    pub(crate) fn put<T: Document>(&mut self, tables: &mut S, value: T) -> Result<Arc<Doc<T>>, Duplicate>
    where
        S: Holds<T>,
    {
        let table = tables.table_mut();
        let doc = table.put(value)?;
        if table.needs_merge() {
            self.0.push(Merge {
                run: |tables| tables.table().merge(),
                rebase: |tables, earlier| tables.table_mut().rebase(earlier.table()),
            });
        }
        Ok(doc)
    }

    /// Runs the merges, once the writes are published.
    pub(crate) fn run(self, store: &impl Published<S>) {
        for Merge { run, rebase } in self.0 {
            let earlier = store.current();
            run(&earlier);
            store.amend(|tables| rebase(tables, &earlier));
        }
    }
}
