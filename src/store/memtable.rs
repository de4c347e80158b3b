//! The most recently inserted rows, not yet in the trees. A change to a persistent tree copies the path to it, so
//! inserting rows into the trees in batches copies shared paths only once.

use std::{iter::successors, sync::Arc};

use super::{
    doc::{Doc, Document},
    row_key::RowKey,
    term::Term,
};

/// Memtable size at which a background merge is scheduled.
pub(super) const MERGE_THRESHOLD: usize = 512;

/// Large tables are merged when the memtable reaches this fraction of the base table instead: the larger the tree, the
/// fewer rows of a batch share a path.
pub(super) const MERGE_FRACTION: usize = 128;

/// New rows in ascending order of their keys: a persistent list in which a push shares all earlier rows.
pub(super) struct Memtable<T: Document>(Option<Arc<Node<T>>>);

struct Node<T: Document> {
    new: PendingRow<T>,
    before: Memtable<T>,
    len: usize,
    /// The range of the IDs of this row and all before it.
    ids: Span<T::Id>,
    /// Skew-binary jump pointer, which makes lookup O(log n).
    far: Memtable<T>,
    /// The range of the IDs between here and `far`, this row included.
    near: Span<T::Id>,
}

/// A row that is not in the trees yet.
pub(super) struct PendingRow<T: Document> {
    pub(super) id: T::Id,
    pub(super) place: RowKey,
    pub(super) doc: Arc<Doc<T>>,
    /// May contain duplicates.
    pub(super) terms: Vec<Term>,
}

/// An inclusive range.
#[derive(Clone, Copy)]
struct Span<I>(I, I);

impl<I: Copy + Ord> Span<I> {
    fn and(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.max(other.1))
    }

    fn contains(self, id: I) -> bool {
        self.0 <= id && id <= self.1
    }
}

// Implemented by hand because derives would require the same traits of `T`, which is only referred to.
impl<T: Document> Clone for PendingRow<T> {
    fn clone(&self) -> Self {
        Self { id: self.id, place: self.place, doc: self.doc.clone(), terms: self.terms.clone() }
    }
}

impl<T: Document> Clone for Memtable<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Document> Default for Memtable<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// Iterative, because recursive drops would overflow the stack on long lists.
impl<T: Document> Drop for Memtable<T> {
    fn drop(&mut self) {
        let mut last = self.0.take();
        while let Some(mut link) = last.and_then(Arc::into_inner) {
            last = link.before.0.take();
        }
    }
}

impl<T: Document> Memtable<T> {
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |last| last.len)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The greatest row key.
    pub(super) fn last(&self) -> Option<RowKey> {
        self.0.as_ref().map(|last| last.new.place)
    }

    pub(super) fn get(&self, id: T::Id) -> Option<&Arc<Doc<T>>> {
        let mut here = self;
        while let Some(link) = here.0.as_ref().filter(|link| link.ids.contains(id)) {
            if link.new.id == id {
                return Some(&link.new.doc);
            }
            here = if link.near.contains(id) { &link.before } else { &link.far };
        }
        None
    }

    /// Appends a row.
    pub(super) fn push(&mut self, new: PendingRow<T>) {
        let (before, id) = (std::mem::take(self), new.id);
        let own = Span(id, id);
        let (mut ids, mut far, mut near) = (own, before.clone(), own);
        if let Some(last) = &before.0 {
            ids = ids.and(last.ids);
            if let Some(next) = last.far.0.as_ref().filter(|next| last.len - next.len == next.len - next.far.len()) {
                (far, near) = (next.far.clone(), near.and(last.near).and(next.near));
            }
        }
        let len = before.len() + 1;
        self.0 = Some(Arc::new(Node { new, before, len, ids, far, near }));
    }

    /// All rows in order.
    pub(super) fn rows(&self) -> Vec<&PendingRow<T>> {
        let mut rows: Vec<_> = self.links().map(|link| &link.new).collect();
        rows.reverse();
        rows
    }

    /// The rows added since an earlier version, in order. `None` if this list does not derive from it.
    pub(super) fn after(&self, earlier: &Self) -> Option<Vec<&PendingRow<T>>> {
        let mut rows = Vec::new();
        for link in self.links() {
            if earlier.0.as_ref().is_some_and(|earlier| Arc::ptr_eq(earlier, link)) {
                rows.reverse();
                return Some(rows);
            }
            rows.push(&link.new);
        }
        None
    }

    /// The nodes in reverse order.
    fn links(&self) -> impl Iterator<Item = &Arc<Node<T>>> {
        successors(self.0.as_ref(), |link| link.before.0.as_ref())
    }
}
