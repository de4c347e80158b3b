//! Tables: all documents of a type in their default order, found by ID or term and counted without a scan.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use imbl::ordmap::DiffItem;

use super::{
    base::BaseTable,
    bulk_load::BulkLoader,
    doc::{Doc, Document},
    index::Order,
    memtable::{MERGE_FRACTION, MERGE_THRESHOLD, Memtable, PendingRow},
    postings::Postings,
    row_key::of_position,
    term::{Term, Terms},
};

/// All documents of a type.
#[derive(Clone)]
pub(crate) struct Table<T: Document> {
    filed: BaseTable<T>,
    /// The memtable: rows that are not in the base table yet.
    recent: Memtable<T>,
    /// The base table with the memtable merged in, from the first query that needs more than IDs.
    all: OnceLock<BaseTable<T>>,
}

impl<T: Document> Default for Table<T> {
    fn default() -> Self {
        Self { filed: BaseTable::default(), recent: Memtable::default(), all: OnceLock::new() }
    }
}

/// The versions of a row in two tables.
pub(crate) type Pair<'a, T> = (Option<&'a Arc<Doc<T>>>, Option<&'a Arc<Doc<T>>>);

/// A unique field whose value another row already has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Duplicate(pub(crate) &'static str);

/// The rows to list, and their order.
pub(crate) struct Query<'a, T: Document> {
    /// Clauses, all of which must hold; a clause holds if the row has one of its terms.
    pub(crate) all: Vec<Vec<Term>>,
    /// Rows that satisfy the first clause as well. For scores, each list counts as one more term.
    pub(crate) also: Vec<Vec<T::Id>>,
    /// A condition that no index covers. It runs on every candidate, after the terms have narrowed them down.
    pub(crate) only: Option<Predicate<'a, T>>,
    /// The range of sort keys.
    pub(crate) range: Range<i64>,
    pub(crate) order: Order,
    pub(crate) skip: usize,
    pub(crate) limit: usize,
}

/// A condition that can only be evaluated on the document.
pub(crate) type Predicate<'a, T> = Box<dyn Fn(&T) -> bool + 'a>;

/// A page of rows.
pub(crate) struct Rows<'a, T: Document> {
    /// Total number of matches, on all pages.
    pub(crate) count: usize,
    pub(crate) docs: Vec<&'a Arc<Doc<T>>>,
    /// The number of terms of the first clause that each row has, if ordered by relevance.
    pub(crate) scores: Vec<usize>,
}

impl<T: Document> Table<T> {
    pub(crate) fn len(&self) -> usize {
        self.filed.rows.len() + self.recent.len()
    }

    pub(crate) fn get(&self, id: T::Id) -> Option<&Arc<Doc<T>>> {
        match self.all.get() {
            Some(all) => all.get(id),
            None => self.recent.get(id).or_else(|| self.filed.get(id)),
        }
    }

    /// All rows in ascending default order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Doc<T>>> {
        self.all().rows.values()
    }

    /// The IDs of all rows, in ascending order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &T::Id> {
        self.all().ids.keys()
    }

    /// The first row with a term.
    pub(crate) fn find(&self, term: Term) -> Option<&Arc<Doc<T>>> {
        let all = self.all();
        all.index.get(term).map(|postings| all.row(postings.first()))
    }

    /// The rows with a term, in ascending default order.
    pub(crate) fn with(&self, term: Term) -> impl Iterator<Item = &Arc<Doc<T>>> {
        let all = self.all();
        let places = all.index.get(term).into_iter().flat_map(|postings| postings.ascending(0));
        places.map(|place| all.row(place))
    }

    /// The rows with a term, in descending default order.
    pub(crate) fn last_with(&self, term: Term) -> impl Iterator<Item = &Arc<Doc<T>>> {
        let all = self.all();
        let places = all.index.get(term).into_iter().flat_map(|postings| postings.descending(0));
        places.map(|place| all.row(place))
    }

    /// The number of rows with a term.
    pub(crate) fn count(&self, term: Term) -> usize {
        self.all().index.get(term).map_or(0, Postings::len)
    }

    /// Whether a row has a term.
    pub(crate) fn has(&self, id: T::Id, term: Term) -> bool {
        let all = self.all();
        let place = all.ids.get(&id).map(|(place, _)| *place);
        place.is_some_and(|place| all.index.get(term).is_some_and(|postings| postings.contains(place)))
    }

    /// Inserts a document, or replaces the one with the same ID.
    pub(crate) fn put(&mut self, value: T) -> Result<Arc<Doc<T>>, Duplicate> {
        let (id, position, mut terms) = (value.id(), value.sort_key(), Terms::default());
        value.terms(&mut terms);
        if !terms.uniques().is_empty() || self.get(id).is_some() {
            return self.file().put(value, terms);
        }
        let places = of_position(position);
        let is_before = self.recent.last().is_some_and(|last| last > *places.end());
        if is_before || self.is_full() || self.all.get().is_some() {
            self.file();
        }
        let beside = self.recent.last().filter(|last| places.contains(last));
        let place = beside.map_or_else(|| self.filed.free_place(position), |last| last + 1);
        let doc = Arc::new(Doc::new(value));
        self.recent.push(PendingRow { id, place, doc: doc.clone(), terms: terms.added() });
        Ok(doc)
    }

    /// Whether the memtable is due for a merge.
    pub(super) fn needs_merge(&self) -> bool {
        !self.recent.is_empty() && self.recent.len().is_multiple_of(self.due())
    }

    /// Whether the memtable is full. It may grow beyond the threshold while a merge is running.
    fn is_full(&self) -> bool {
        self.recent.len() >= 4 * self.due()
    }

    fn due(&self) -> usize {
        MERGE_THRESHOLD.max(self.filed.rows.len() / MERGE_FRACTION)
    }

    /// Merges the memtable, for this version and for later ones that [rebase](Self::rebase) on it.
    pub(super) fn merge(&self) {
        self.all();
    }

    /// Adopts the merged base table of an earlier version. Returns false if `earlier` is not merged or not an ancestor.
    pub(super) fn rebase(&mut self, earlier: &Self) -> bool {
        let (Some(all), Some(rows)) = (earlier.all.get(), self.recent.after(&earlier.recent)) else { return false };
        let mut recent = Memtable::default();
        for row in rows {
            recent.push(row.clone());
        }
        *self = Self { filed: all.clone(), recent, all: OnceLock::new() };
        true
    }

    /// Starts a bulk load.
    pub(crate) fn load(&mut self) -> BulkLoader<'_, T> {
        BulkLoader::new(self.file())
    }

    pub(crate) fn remove(&mut self, id: T::Id) -> Option<Arc<Doc<T>>> {
        self.file().remove(id)
    }

    /// The rows that differ between this table and another, as pairs. Shared subtrees are skipped.
    pub(crate) fn differences<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Pair<'a, T>> {
        self.all().ids.diff(&other.all().ids).map(|item| match item {
            DiffItem::Add(_, (_, new)) => (None, Some(new)),
            DiffItem::Remove(_, (_, old)) => (Some(old), None),
            DiffItem::Update { old: (_, (_, old)), new: (_, (_, new)) } => (Some(old), Some(new)),
        })
    }

    /// A page of the rows that match a query, and the total number of matches.
    pub(crate) fn list(&self, query: &Query<'_, T>) -> Rows<'_, T> {
        self.all().list(query)
    }

    /// The sort keys of all rows that match a query, in ascending order. Reads the index only, unless the query has a
    /// predicate.
    pub(crate) fn positions(&self, query: &Query<'_, T>) -> Vec<i64> {
        self.all().positions(query)
    }

    /// The base table including the memtable. The first call performs the merge, and the next write continues from its
    /// result.
    fn all(&self) -> &BaseTable<T> {
        if self.recent.is_empty() {
            return &self.filed;
        }
        self.all.get_or_init(|| {
            let mut all = self.filed.clone();
            all.add(&self.recent.rows());
            all
        })
    }

    /// Like [`Self::all`], for writing.
    fn file(&mut self) -> &mut BaseTable<T> {
        let recent = std::mem::take(&mut self.recent);
        match self.all.take() {
            Some(all) => self.filed = all,
            None => self.filed.add(&recent.rows()),
        }
        &mut self.filed
    }
}

#[cfg(test)]
pub(super) mod tests;
