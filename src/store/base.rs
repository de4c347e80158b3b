//! The base table: rows found by key, ID, and term.

use std::sync::Arc;

use imbl::OrdMap;
use serde_json::Value;

use super::{
    doc::{Doc, Document},
    index::{Hits, Index, IndexQuery},
    memtable::PendingRow,
    postings::Postings,
    row_key::{RowKey, first_place, of_position, position_of},
    table::{Duplicate, Query, Rows},
    term::{Term, Terms},
};

/// Rows in two trees, with an index.
#[derive(Clone)]
pub(super) struct BaseTable<T: Document> {
    pub(super) rows: OrdMap<RowKey, Arc<Doc<T>>>,
    /// By ID.
    pub(super) ids: OrdMap<T::Id, (RowKey, Arc<Doc<T>>)>,
    pub(super) index: Index,
}

impl<T: Document> Default for BaseTable<T> {
    fn default() -> Self {
        Self { rows: OrdMap::new(), ids: OrdMap::new(), index: Index::default() }
    }
}

impl<T: Document> BaseTable<T> {
    pub(super) fn get(&self, id: T::Id) -> Option<&Arc<Doc<T>>> {
        self.ids.get(&id).map(|(_, doc)| doc)
    }

    /// The row with an indexed key.
    pub(super) fn row(&self, place: RowKey) -> &Arc<Doc<T>> {
        self.rows.get(&place).expect("every indexed key has a row")
    }

    /// The rows of a page. Most lists are newest first, so their rows are often adjacent: walks from each row to
    /// the next as long as they are close, and then falls back to lookups.
    fn rows_at(&self, places: &[RowKey]) -> Vec<&Arc<Doc<T>>> {
        /// Maximum number of rows to skip between two rows of a page.
        const STEPS: usize = 8;
        let Some(first) = places.first() else { return Vec::new() };
        let mut walk = self.rows.range(..=*first).rev().map(|(at, row)| (*at, row));
        let mut here = walk.next();
        let row = |place: &RowKey| {
            let mut steps = STEPS;
            while steps > 0 && here.is_some_and(|(at, _)| at > *place) {
                (here, steps) = (walk.next(), steps - 1);
            }
            if steps == 0 {
                here = None;
            }
            here.filter(|(at, _)| at == place).map_or_else(|| self.row(*place), |(_, row)| row)
        };
        places.iter().map(row).collect()
    }

    fn field(&self, place: RowKey, path: &str) -> Value {
        let document: Value = serde_json::from_slice(self.row(place).json()).expect("documents are rendered JSON");
        path.split('.').try_fold(&document, |value, name| value.get(name)).cloned().unwrap_or_default()
    }

    /// The next free row key for a sort key. Rows of the same millisecond keep their order of insertion.
    pub(super) fn free_place(&self, position: i64) -> RowKey {
        let places = of_position(position);
        match self.rows.get_prev(places.end()) {
            Some((last, _)) if last >= places.start() => last + 1,
            _ => *places.start(),
        }
    }

    /// Inserts a document, or replaces the one with the same ID.
    pub(super) fn put(&mut self, value: T, new: Terms) -> Result<Arc<Doc<T>>, Duplicate> {
        let (id, position) = (value.id(), value.sort_key());
        let known = self.ids.get(&id).map(|(place, _)| *place);
        if let Some(field) = self.index.taken(&new, known) {
            return Err(Duplicate(field));
        }
        let stays = known.filter(|place| of_position(position).contains(place));
        if known.is_some() && stays.is_none() {
            self.remove(id);
        }
        let place = stays.unwrap_or_else(|| self.free_place(position));
        let old = stays.map(|place| terms_of(self.row(place))).unwrap_or_default();
        self.index.change(place, &old, &new.sorted());
        let doc = Arc::new(Doc::new(value));
        self.set(id, place, doc.clone());
        Ok(doc)
    }

    /// Stores a document under a row key.
    pub(super) fn set(&mut self, id: T::Id, place: RowKey, doc: Arc<Doc<T>>) {
        self.ids.insert(id, (place, doc.clone()));
        self.rows.insert(place, doc);
    }

    /// Inserts rows with new IDs and row keys.
    pub(super) fn add(&mut self, rows: &[&PendingRow<T>]) {
        let mut noted = Vec::new();
        for PendingRow { id, place, doc, terms } in rows {
            self.set(*id, *place, doc.clone());
            noted.extend(terms.iter().map(|term| (*term, *place)));
        }
        self.index.add_all(noted);
    }

    pub(super) fn remove(&mut self, id: T::Id) -> Option<Arc<Doc<T>>> {
        let (place, doc) = self.ids.remove(&id)?;
        self.rows.remove(&place);
        self.index.change(place, &terms_of(&doc), &[]);
        Some(doc)
    }

    /// A page of the rows that match a query, and the total number of matches.
    pub(super) fn list(&self, query: &Query<'_, T>) -> Rows<'_, T> {
        self.search(query, |wanted| {
            let Hits { count, places, scores } = self.index.page(wanted);
            Rows { count, docs: self.rows_at(&places), scores }
        })
    }

    /// The sort keys of all rows that match a query, in ascending order.
    pub(super) fn positions(&self, query: &Query<'_, T>) -> Vec<i64> {
        self.search(query, |wanted| self.index.places(wanted).into_iter().map(position_of).collect())
    }

    /// Translates a query to row keys, the only keys that the index knows.
    fn search<R>(&self, query: &Query<'_, T>, search: impl FnOnce(&IndexQuery<'_>) -> R) -> R {
        let only = query.only.as_ref().map(|only| move |place| only(&self.row(place).value()));
        let place = |id| self.ids.get(id).map(|(place, _)| *place);
        let also: Vec<_> = query.also.iter().filter_map(|ids| Postings::of(ids.iter().filter_map(place))).collect();
        search(&IndexQuery {
            all: &query.all,
            also: &also,
            only: only.as_ref().map(|only| only as &dyn Fn(RowKey) -> bool),
            range: first_place(query.range.start)..first_place(query.range.end),
            order: &query.order,
            field: &|place, path| self.field(place, path),
            skip: query.skip,
            limit: query.limit,
        })
    }
}

fn terms_of<T: Document>(doc: &Doc<T>) -> Vec<Term> {
    let mut terms = Terms::default();
    doc.value().terms(&mut terms);
    terms.sorted()
}
