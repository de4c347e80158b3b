//! The rows that were put last. What changes in a tree is copied with its way, as others see the state before: many rows
//! that are put into the trees together copy it once.

use std::{iter::successors, sync::Arc};

use super::{
    doc::{Doc, Document},
    row_key::RowKey,
    term::Term,
};

/// Rows that wait for each other, before they are filed beside what goes on.
pub(super) const MERGE_THRESHOLD: usize = 512;

/// Where more is filed more of them wait, one for each so many: the more there is in a tree, the fewer of them share a way.
pub(super) const MERGE_FRACTION: usize = 128;

/// New rows, the places of which ascend. One more copies nothing: it knows those before it.
pub(super) struct Memtable<T: Document>(Option<Arc<Node<T>>>);

struct Node<T: Document> {
    new: PendingRow<T>,
    before: Memtable<T>,
    len: usize,
    /// The ids from here on.
    ids: Span<T::Id>,
    /// One of those before it, and the ids until there. How far it is doubles as often as it can, so that some twice the
    /// logarithm of all are passed by who looks for one.
    far: Memtable<T>,
    near: Span<T::Id>,
}

/// A row that is in no tree yet.
pub(super) struct PendingRow<T: Document> {
    pub(super) id: T::Id,
    pub(super) place: RowKey,
    pub(super) doc: Arc<Doc<T>>,
    /// One may be there twice.
    pub(super) terms: Vec<Term>,
}

/// From the least to the greatest.
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

// Derives would ask the same of `T`, which is only referred to.
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

/// One after the other: each within the one after it would take a stack as deep as there are rows.
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

    /// The greatest place.
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

    /// Adds a row after all others.
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

    /// All of them, in their order.
    pub(super) fn rows(&self) -> Vec<&PendingRow<T>> {
        let mut rows: Vec<_> = self.links().map(|link| &link.new).collect();
        rows.reverse();
        rows
    }

    /// What was added to an earlier list, in that order. Nothing is known of a list that this one did not come from.
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

    /// The last one first.
    fn links(&self) -> impl Iterator<Item = &Arc<Node<T>>> {
        successors(self.0.as_ref(), |link| link.before.0.as_ref())
    }
}
