//! Rows in their default order, found by id or by term, and counted, without a scan.

use std::{
    cmp::Ordering,
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use imbl::{OrdMap, ordmap::DiffItem};
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

/// A row in one table and in another.
pub(crate) type Pair<'a, T> = (Option<&'a Arc<Doc<T>>>, Option<&'a Arc<Doc<T>>>);

/// A unique field that another row has already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Duplicate(pub(crate) &'static str);

/// Which rows a list wants, in which order.
pub(crate) struct Query<'a, T> {
    /// Clauses, all of which must hold; a clause holds when the row has one of its terms.
    pub(crate) all: Vec<Vec<Term>>,
    /// What no index knows. Each candidate is looked at, so terms come first.
    pub(crate) only: Option<Predicate<'a, T>>,
    /// Only rows whose position is in this range.
    pub(crate) range: Range<i64>,
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
    /// Those that have most terms of the first clause come first, and of these the newest.
    Relevance,
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// A page of rows.
pub(crate) struct Rows<T: Document> {
    /// All matches, not only those of the page.
    pub(crate) count: usize,
    pub(crate) docs: Vec<Arc<Doc<T>>>,
    /// How many terms of the first clause each row has, in the order of relevance.
    pub(crate) scores: Vec<usize>,
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

    /// The keys of all rows, in their own order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &T::Id> {
        self.ids.keys()
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

    /// The rows that have `term`, in descending default order.
    pub(crate) fn last_with(&self, term: Term) -> impl Iterator<Item = &Arc<Doc<T>>> {
        let places = self.terms.get(&term).into_iter().flat_map(|postings| postings.descending(0));
        places.map(|place| self.row(place))
    }

    /// How many rows have `term`.
    pub(crate) fn count(&self, term: Term) -> usize {
        self.terms.get(&term).map_or(0, Postings::len)
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

    /// The rows that are not the same in another table, as they are here and there. What both share is not looked at.
    pub(crate) fn differences<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Pair<'a, T>> {
        let gone = self.ids.diff(&other.ids);
        let moved = gone.map(|item| match item {
            DiffItem::Add(_, place) => (None, Some(other.row(*place))),
            DiffItem::Remove(_, place) => (Some(self.row(*place)), None),
            DiffItem::Update { old: (_, old), new: (_, new) } => (Some(self.row(*old)), Some(other.row(*new))),
        });
        // Rows that kept their places, and are of the same id.
        let rows = self.rows.diff(&other.rows);
        let changed = rows.filter_map(|item| match item {
            DiffItem::Update { old: (_, old), new: (_, new) } if old.value().id() == new.value().id() => {
                Some((Some(old), Some(new)))
            }
            _ => None,
        });
        moved.chain(changed)
    }

    /// The page of rows that the query asks for, and how many match in all.
    pub(crate) fn list(&self, query: &Query<'_, T>) -> Rows<T> {
        let nothing = || Rows { count: 0, docs: Vec::new(), scores: Vec::new() };
        let Some(clauses) = self.clauses(query) else { return nothing() };
        let range = first_place(query.range.start)..first_place(query.range.end);
        match (&query.order, &clauses[..], &query.only) {
            (Order::Default(direction), [clause], None) if clause.len() == 1 => {
                self.indexed(clause[0], &range, *direction, query)
            }
            (Order::Relevance, [clause], None) if clause.len() == 1 => {
                let rows = self.indexed(clause[0], &range, Direction::Descending, query);
                Rows { scores: vec![1; rows.docs.len()], ..rows }
            }
            _ => self.filtered(&clauses, &range, query),
        }
    }

    /// The positions of all rows that the query asks for, in ascending order. The index knows them: no document is looked
    /// at, unless the query has a predicate.
    pub(crate) fn positions(&self, query: &Query<'_, T>) -> Vec<i64> {
        let Some(clauses) = self.clauses(query) else { return Vec::new() };
        let range = first_place(query.range.start)..first_place(query.range.end);
        self.matches(&clauses, &range, query).into_iter().map(position_of).collect()
    }

    /// One term and a default order: nothing but the page is looked at.
    fn indexed(
        &self,
        postings: &Postings,
        range: &Range<Place>,
        direction: Direction,
        query: &Query<'_, T>,
    ) -> Rows<T> {
        let (start, end) = (postings.rank(range.start), postings.rank(range.end));
        let count = end.saturating_sub(start);
        let limit = query.limit.min(count.saturating_sub(query.skip));
        let docs = match direction {
            Direction::Ascending => self.take(postings.ascending(start.saturating_add(query.skip)), limit),
            Direction::Descending => {
                self.take(postings.descending((postings.len() - end).saturating_add(query.skip)), limit)
            }
        };
        Rows { count, docs, scores: Vec::new() }
    }

    fn filtered(&self, clauses: &[Vec<&Postings>], range: &Range<Place>, query: &Query<'_, T>) -> Rows<T> {
        let mut places = self.matches(clauses, range, query);
        let count = places.len();
        let direction = match &query.order {
            Order::Default(direction) => *direction,
            Order::Field(path, direction) => {
                let mut keyed: Vec<_> = places.iter().map(|place| (self.field(*place, path), *place)).collect();
                keyed.sort_by(|(a, _), (b, _)| compare(a, b));
                places = keyed.into_iter().map(|(_, place)| place).collect();
                *direction
            }
            Order::Relevance => {
                places.sort_by_key(|place| (score(&clauses[0], *place), *place));
                Direction::Descending
            }
        };
        let page: Vec<_> = match direction {
            Direction::Ascending => places.into_iter().skip(query.skip).take(query.limit).collect(),
            Direction::Descending => places.into_iter().rev().skip(query.skip).take(query.limit).collect(),
        };
        let relevant = query.order == Order::Relevance;
        let scores = page.iter().filter(|_| relevant).map(|place| score(&clauses[0], *place)).collect();
        Rows { count, docs: self.take(page.into_iter(), query.limit), scores }
    }

    /// The postings of each clause; nothing when a clause cannot hold.
    fn clauses(&self, query: &Query<'_, T>) -> Option<Vec<Vec<&Postings>>> {
        let clauses = query.all.iter().map(|clause| {
            let known: Vec<_> = clause.iter().filter_map(|term| self.terms.get(term)).collect();
            (!known.is_empty()).then_some(known)
        });
        clauses.collect()
    }

    /// The places that hold what the query asks for, in ascending order: the smallest clause is walked, the others asked.
    fn matches(&self, clauses: &[Vec<&Postings>], range: &Range<Place>, query: &Query<'_, T>) -> Vec<Place> {
        let size = |clause: &Vec<&Postings>| clause.iter().map(|postings| postings.len()).sum::<usize>();
        let smallest = (0..clauses.len()).min_by_key(|at| size(&clauses[*at])).expect("a query has a clause");
        let walked = clauses[smallest].iter().flat_map(|postings| {
            let start = postings.rank(range.start);
            postings.ascending(start).take_while(|place| *place < range.end)
        });
        let mut places: Vec<_> = walked.collect();
        if clauses[smallest].len() > 1 {
            places.sort_unstable();
            places.dedup();
        }
        places.retain(|place| {
            let mut others = clauses.iter().enumerate().filter(|(at, _)| *at != smallest);
            others.all(|(_, clause)| clause.iter().any(|postings| postings.contains(*place)))
                && query.only.as_ref().is_none_or(|only| only(&self.row(*place).value()))
        });
        places
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

/// Bits for the rows of one position.
const ROWS: u32 = 20;

/// The position that a place stands for.
fn position_of(place: Place) -> i64 {
    i64::try_from(place >> ROWS).expect("44 bits are less than 63")
}

/// The places that a position stands for: its milliseconds, and room for a million rows in each.
fn of_position(position: i64) -> RangeInclusive<Place> {
    /// The last millisecond that leaves room for its rows: beyond the year 500,000.
    const LAST: u64 = (1 << (64 - ROWS)) - 2;
    let milliseconds = u64::try_from(position).unwrap_or_default().min(LAST);
    milliseconds << ROWS..=((milliseconds + 1) << ROWS) - 1
}

/// The first place of a position.
fn first_place(position: i64) -> Place {
    *of_position(position).start()
}

/// How many terms of a clause the row has.
fn score(clause: &[&Postings], place: Place) -> usize {
    clause.iter().filter(|postings| postings.contains(place)).count()
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
