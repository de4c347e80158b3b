//! Rows in their default order, found by id or by term, and counted, without a scan.

use std::{cmp::Ordering, sync::Arc};

use imbl::OrdMap;
use serde_json::Value;

use super::{
    Term, Terms,
    doc::{Doc, Document},
    postings::{Place, Postings},
};

/// All documents of one kind.
#[derive(Clone)]
pub(crate) struct Table<T: Document> {
    rows: OrdMap<Place, Arc<Doc<T>>>,
    ids: OrdMap<T::Id, Place>,
    terms: OrdMap<Term, Postings>,
}

impl<T: Document> Default for Table<T> {
    fn default() -> Self {
        Self { rows: OrdMap::new(), ids: OrdMap::new(), terms: OrdMap::new() }
    }
}

/// A unique field that another row has already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Duplicate(pub(crate) &'static str);

/// Which rows a list wants, in which order.
pub(crate) struct Query<'a, T> {
    /// Clauses, all of which must hold; a clause holds when the row has one of its terms.
    pub(crate) all: Vec<Vec<Term>>,
    /// What no index knows. Each candidate is looked at, so terms come first.
    pub(crate) only: Option<Predicate<'a, T>>,
    pub(crate) order: Order,
    pub(crate) skip: usize,
    pub(crate) limit: usize,
}

/// A condition that only the document itself can tell.
pub(crate) type Predicate<'a, T> = Box<dyn Fn(&T) -> bool + 'a>;

/// How a list is sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// By the default order of the table.
    Default(Direction),
    /// By a field of the rendered document, named by its path with dots; the default order decides between equals.
    Field(String, Direction),
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// A page of rows.
pub(crate) struct Rows<T> {
    /// All matches, not only those of the page.
    pub(crate) count: usize,
    pub(crate) docs: Vec<Arc<Doc<T>>>,
}

impl<T: Document> Table<T> {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, id: T::Id) -> Option<&Arc<Doc<T>>> {
        self.ids.get(&id).map(|place| self.row(*place))
    }

    /// All rows in ascending default order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Doc<T>>> {
        self.rows.values()
    }

    /// The first row that has `term`.
    pub(crate) fn find(&self, term: Term) -> Option<&Arc<Doc<T>>> {
        self.with(term).next()
    }

    /// The rows that have `term`, in ascending default order.
    pub(crate) fn with(&self, term: Term) -> impl Iterator<Item = &Arc<Doc<T>>> {
        let places = self.terms.get(&term).into_iter().flat_map(|postings| postings.ascending(0));
        places.map(|place| self.row(place))
    }

    /// Inserts the document, or replaces the one with its id.
    pub(crate) fn put(&mut self, value: T) -> Result<Arc<Doc<T>>, Duplicate> {
        let (id, position, mut new) = (value.id(), value.position(), Terms::default());
        value.terms(&mut new);
        let known = self.ids.get(&id).copied();
        for (field, term) in new.uniques() {
            if self.terms.get(term).is_some_and(|postings| postings.ascending(0).any(|place| Some(place) != known)) {
                return Err(Duplicate(field));
            }
        }
        let stays = known.filter(|place| of_position(position).contains(place));
        if stays.is_none() {
            self.remove(id);
        }
        let place = stays.unwrap_or_else(|| self.free_place(position));
        let new = new.sorted();
        let old = stays.map(|place| terms_of(self.row(place))).unwrap_or_default();
        for term in old.iter().filter(|term| new.binary_search(term).is_err()) {
            self.forget(*term, place);
        }
        for term in new.iter().filter(|term| old.binary_search(term).is_err()) {
            match self.terms.get_mut(term) {
                Some(postings) => postings.insert(place),
                None => drop(self.terms.insert(*term, Postings::One(place))),
            }
        }
        let doc = Arc::new(Doc::new(value));
        self.ids.insert(id, place);
        self.rows.insert(place, doc.clone());
        Ok(doc)
    }

    pub(crate) fn remove(&mut self, id: T::Id) -> Option<Arc<Doc<T>>> {
        let place = self.ids.remove(&id)?;
        let doc = self.rows.remove(&place).expect("every id names a row");
        for term in terms_of(&doc) {
            self.forget(term, place);
        }
        Some(doc)
    }

    /// The page of rows that the query asks for, and how many match in all.
    pub(crate) fn list(&self, query: &Query<'_, T>) -> Rows<T> {
        let Some(source) = self.source(query) else { return Rows { count: 0, docs: Vec::new() } };
        match (&query.order, source) {
            (Order::Default(direction), Source::Postings(postings)) => Rows {
                count: postings.len(),
                docs: match direction {
                    Direction::Ascending => self.take(postings.ascending(query.skip), query.limit),
                    Direction::Descending => self.take(postings.descending(query.skip), query.limit),
                },
            },
            (order, source) => {
                let mut places = match source {
                    Source::Postings(postings) => postings.ascending(0).collect(),
                    Source::Places(places) => places,
                };
                if let Order::Field(path, _) = order {
                    let mut keyed: Vec<_> = places.iter().map(|place| (self.field(*place, path), *place)).collect();
                    keyed.sort_by(|(a, _), (b, _)| compare(a, b));
                    places = keyed.into_iter().map(|(_, place)| place).collect();
                }
                let count = places.len();
                let (Order::Default(direction) | Order::Field(_, direction)) = order;
                let docs = match direction {
                    Direction::Ascending => self.take(places.into_iter().skip(query.skip), query.limit),
                    Direction::Descending => self.take(places.into_iter().rev().skip(query.skip), query.limit),
                };
                Rows { count, docs }
            }
        }
    }

    /// Where the rows of a query come from; nothing when one of its clauses can't hold.
    fn source(&self, query: &Query<'_, T>) -> Option<Source<'_>> {
        let mut clauses = Vec::with_capacity(query.all.len());
        for clause in &query.all {
            let known: Vec<_> = clause.iter().filter_map(|term| self.terms.get(term)).collect();
            let size: usize = known.iter().map(|postings| postings.len()).sum();
            if size == 0 {
                return None;
            }
            clauses.push((size, known));
        }
        if let ([(_, only)], None) = (&clauses[..], &query.only)
            && let [postings] = only[..]
        {
            return Some(Source::Postings(postings));
        }
        clauses.sort_by_key(|(size, _)| *size);
        let mut clauses = clauses.into_iter().map(|(_, postings)| postings);
        let first = clauses.next().expect("a query has at least one clause");
        let rest: Vec<_> = clauses.collect();
        let mut places: Vec<_> = first.iter().flat_map(|postings| postings.ascending(0)).collect();
        if first.len() > 1 {
            places.sort_unstable();
            places.dedup();
        }
        places.retain(|place| {
            rest.iter().all(|clause| clause.iter().any(|postings| postings.contains(*place)))
                && query.only.as_ref().is_none_or(|only| only(&self.row(*place).value()))
        });
        Some(Source::Places(places))
    }

    fn take(&self, places: impl Iterator<Item = Place>, limit: usize) -> Vec<Arc<Doc<T>>> {
        places.take(limit).map(|place| self.row(place).clone()).collect()
    }

    fn row(&self, place: Place) -> &Arc<Doc<T>> {
        self.rows.get(&place).expect("every indexed place holds a row")
    }

    fn field(&self, place: Place, path: &str) -> Value {
        let document: Value = serde_json::from_slice(&self.row(place).json()).expect("documents are rendered JSON");
        path.split('.').try_fold(&document, |value, name| value.get(name)).cloned().unwrap_or_default()
    }

    fn forget(&mut self, term: Term, place: Place) {
        if self.terms.get_mut(&term).is_some_and(|postings| postings.remove(place)) {
            self.terms.remove(&term);
        }
    }

    /// The next free place of a position. Rows of one millisecond keep the order in which they came.
    fn free_place(&self, position: i64) -> Place {
        let places = of_position(position);
        match self.rows.get_prev(places.end()) {
            Some((last, _)) if last >= places.start() => last + 1,
            _ => *places.start(),
        }
    }
}

enum Source<'a> {
    Postings(&'a Postings),
    /// In ascending order.
    Places(Vec<Place>),
}

/// The places that a position stands for: its milliseconds, and room for a million rows in each.
fn of_position(position: i64) -> std::ops::RangeInclusive<Place> {
    const ROWS: u32 = 20;
    let milliseconds = u64::try_from(position).unwrap_or_default();
    milliseconds << ROWS..=((milliseconds + 1) << ROWS) - 1
}

fn terms_of<T: Document>(doc: &Doc<T>) -> Vec<Term> {
    let mut terms = Terms::default();
    doc.value().terms(&mut terms);
    terms.sorted()
}

/// The order of the database behind the real API: missing and null first, then numbers, text, objects, arrays, booleans.
fn compare(a: &Value, b: &Value) -> Ordering {
    fn rank(value: &Value) -> u8 {
        match value {
            Value::Null => 0,
            Value::Number(_) => 1,
            Value::String(_) => 2,
            Value::Object(_) => 3,
            Value::Array(_) => 4,
            Value::Bool(_) => 5,
        }
    }
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => a.len().cmp(&b.len()),
        _ => rank(a).cmp(&rank(b)),
    }
}
