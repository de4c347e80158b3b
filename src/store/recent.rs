//! The rows that were put last. What changes in a tree is copied with its way, as others see the state before: many rows
//! that are put into the trees together copy it once.

use std::{iter::successors, sync::Arc};

use super::{
    Term,
    doc::{Doc, Document},
    place::Place,
};

/// Rows that wait for each other at most.
const ROWS: usize = 64;

/// New rows, the places of which ascend. One more copies nothing: it knows those before it.
pub(super) struct Recent<T: Document>(Option<Arc<Link<T>>>);

struct Link<T: Document> {
    new: New<T>,
    before: Recent<T>,
    len: usize,
    /// The least and the greatest id from here on.
    ids: (T::Id, T::Id),
}

/// A row that is in no tree yet.
pub(super) struct New<T: Document> {
    pub(super) id: T::Id,
    pub(super) place: Place,
    pub(super) doc: Arc<Doc<T>>,
    pub(super) terms: Vec<Term>,
}

// Derives would ask the same of `T`, which is only referred to.
impl<T: Document> Clone for Recent<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Document> Default for Recent<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Document> Recent<T> {
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |last| last.len)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= ROWS
    }

    /// The greatest place.
    pub(super) fn last(&self) -> Option<Place> {
        self.0.as_ref().map(|last| last.new.place)
    }

    pub(super) fn get(&self, id: T::Id) -> Option<&Arc<Doc<T>>> {
        let (least, greatest) = self.0.as_ref()?.ids;
        if id < least || id > greatest {
            return None;
        }
        self.back().find(|new| new.id == id).map(|new| &new.doc)
    }

    /// Adds a row after all others.
    pub(super) fn push(&mut self, new: New<T>) {
        let before = std::mem::take(self);
        let (len, id) = (before.len() + 1, new.id);
        let ids = before.0.as_ref().map_or((id, id), |last| (last.ids.0.min(id), last.ids.1.max(id)));
        *self = Self(Some(Arc::new(Link { new, before, len, ids })));
    }

    /// All of them, in their order.
    pub(super) fn rows(&self) -> Vec<&New<T>> {
        let mut rows: Vec<_> = self.back().collect();
        rows.reverse();
        rows
    }

    /// The last one first.
    fn back(&self) -> impl Iterator<Item = &New<T>> {
        successors(self.0.as_ref(), |link| link.before.0.as_ref()).map(|link| &link.new)
    }
}
