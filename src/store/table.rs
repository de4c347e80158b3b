//! Rows in their default order, found by id or by term, and counted, without a scan.

use std::{
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use imbl::{OrdMap, ordmap::DiffItem};
use serde_json::Value;

use super::{
    Term, Terms,
    doc::{Doc, Document},
    index::{Found, Index, Order, Wanted},
    load::Load,
    postings::{Place, Postings},
};

/// All documents of one kind.
#[derive(Clone)]
pub(crate) struct Table<T: Document> {
    pub(super) rows: OrdMap<Place, Arc<Doc<T>>>,
    /// The same, for who knows an id.
    pub(super) ids: OrdMap<T::Id, (Place, Arc<Doc<T>>)>,
    pub(super) index: Index,
}

impl<T: Document> Default for Table<T> {
    fn default() -> Self {
        Self { rows: OrdMap::new(), ids: OrdMap::new(), index: Index::default() }
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

/// A page of rows.
pub(crate) struct Rows<'a, T: Document> {
    /// All matches, not only those of the page.
    pub(crate) count: usize,
    pub(crate) docs: Vec<&'a Arc<Doc<T>>>,
    /// How many terms of the first clause each row has, in the order of relevance.
    pub(crate) scores: Vec<usize>,
}

impl<T: Document> Table<T> {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, id: T::Id) -> Option<&Arc<Doc<T>>> {
        self.ids.get(&id).map(|(_, doc)| doc)
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
        self.index.get(term).map(|postings| self.row(postings.first()))
    }

    /// The rows that have `term`, in ascending default order.
    pub(crate) fn with(&self, term: Term) -> impl Iterator<Item = &Arc<Doc<T>>> {
        let places = self.index.get(term).into_iter().flat_map(|postings| postings.ascending(0));
        places.map(|place| self.row(place))
    }

    /// The rows that have `term`, in descending default order.
    pub(crate) fn last_with(&self, term: Term) -> impl Iterator<Item = &Arc<Doc<T>>> {
        let places = self.index.get(term).into_iter().flat_map(|postings| postings.descending(0));
        places.map(|place| self.row(place))
    }

    /// How many rows have `term`.
    pub(crate) fn count(&self, term: Term) -> usize {
        self.index.get(term).map_or(0, Postings::len)
    }

    /// Inserts the document, or replaces the one with its id.
    pub(crate) fn put(&mut self, value: T) -> Result<Arc<Doc<T>>, Duplicate> {
        let (id, position, mut new) = (value.id(), value.position(), Terms::default());
        value.terms(&mut new);
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
        Ok(self.set(id, place, value))
    }

    /// Puts a document into a place.
    pub(super) fn set(&mut self, id: T::Id, place: Place, value: T) -> Arc<Doc<T>> {
        let doc = Arc::new(Doc::new(value));
        self.ids.insert(id, (place, doc.clone()));
        self.rows.insert(place, doc.clone());
        doc
    }

    /// Starts to insert many documents.
    pub(crate) fn load(&mut self) -> Load<'_, T> {
        Load::new(self)
    }

    pub(crate) fn remove(&mut self, id: T::Id) -> Option<Arc<Doc<T>>> {
        let (place, doc) = self.ids.remove(&id)?;
        self.rows.remove(&place);
        self.index.change(place, &terms_of(&doc), &[]);
        Some(doc)
    }

    /// The rows that are not the same in another table, as they are here and there. What both share is not looked at.
    pub(crate) fn differences<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Pair<'a, T>> {
        self.ids.diff(&other.ids).map(|item| match item {
            DiffItem::Add(_, (_, new)) => (None, Some(new)),
            DiffItem::Remove(_, (_, old)) => (Some(old), None),
            DiffItem::Update { old: (_, (_, old)), new: (_, (_, new)) } => (Some(old), Some(new)),
        })
    }

    /// The page of rows that the query asks for, and how many match in all.
    pub(crate) fn list(&self, query: &Query<'_, T>) -> Rows<'_, T> {
        self.search(query, |wanted| {
            let Found { count, places, scores } = self.index.page(wanted);
            Rows { count, docs: self.rows_at(&places), scores }
        })
    }

    /// The positions of all rows that the query asks for, in ascending order. The index knows them: no document is looked
    /// at, unless the query has a predicate.
    pub(crate) fn positions(&self, query: &Query<'_, T>) -> Vec<i64> {
        self.search(query, |wanted| self.index.places(wanted).into_iter().map(position_of).collect())
    }

    /// Says a query in places, which is all that the index knows.
    fn search<R>(&self, query: &Query<'_, T>, search: impl FnOnce(&Wanted<'_>) -> R) -> R {
        let only = query.only.as_ref().map(|only| move |place| only(&self.row(place).value()));
        search(&Wanted {
            all: &query.all,
            only: only.as_ref().map(|only| only as &dyn Fn(Place) -> bool),
            range: first_place(query.range.start)..first_place(query.range.end),
            order: &query.order,
            field: &|place, path| self.field(place, path),
            skip: query.skip,
            limit: query.limit,
        })
    }

    fn row(&self, place: Place) -> &Arc<Doc<T>> {
        self.rows.get(&place).expect("every indexed place holds a row")
    }

    /// The rows of a page. Newest first, which is how most lists are, they often lie side by side: they are walked to, until
    /// some are far from each other.
    fn rows_at(&self, places: &[Place]) -> Vec<&Arc<Doc<T>>> {
        /// Rows between two of a page that are passed over.
        const STEPS: usize = 8;
        let Some(first) = places.first() else { return Vec::new() };
        let mut walk = self.rows.range(..=*first).rev().map(|(at, row)| (*at, row));
        let mut here = walk.next();
        let row = |place: &Place| {
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

    fn field(&self, place: Place, path: &str) -> Value {
        let document: Value = serde_json::from_slice(self.row(place).json()).expect("documents are rendered JSON");
        path.split('.').try_fold(&document, |value, name| value.get(name)).cloned().unwrap_or_default()
    }

    /// The next free place of a position. Rows of one millisecond keep the order in which they came.
    pub(super) fn free_place(&self, position: i64) -> Place {
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
    /// The last millisecond that leaves room for its rows, in the year 2527. What is later stays in the order in which it came.
    const LAST: u64 = (1 << (64 - ROWS)) - 2;
    let milliseconds = u64::try_from(position).unwrap_or_default().min(LAST);
    milliseconds << ROWS..=((milliseconds + 1) << ROWS) - 1
}

/// The first place of a position.
fn first_place(position: i64) -> Place {
    *of_position(position).start()
}

fn terms_of<T: Document>(doc: &Doc<T>) -> Vec<Term> {
    let mut terms = Terms::default();
    doc.value().terms(&mut terms);
    terms.sorted()
}

#[cfg(test)]
pub(super) mod tests {
    use serde::{Deserialize, Serialize};

    use super::{super::Direction, *};

    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub(in super::super) struct Row {
        pub(in super::super) id: u32,
        pub(in super::super) name: Option<u32>,
    }

    impl Document for Row {
        type Id = u32;
        type Kept = ();

        fn id(&self) -> u32 {
            self.id
        }

        fn position(&self) -> i64 {
            i64::from(self.id % 10)
        }

        fn terms(&self, terms: &mut Terms) {
            terms.add("all", ());
            terms.add("third", self.id % 3);
            if let Some(name) = self.name {
                terms.unique("name", name);
            }
        }
    }

    fn row(id: u32) -> Row {
        Row { id, name: None }
    }

    #[test]
    fn a_row_in_the_place_of_another_is_no_change_of_it() {
        let mut before = Table::default();
        for id in [3, 4] {
            before.put(row(id)).expect("it has no name");
        }
        let mut after = before.clone();
        after.remove(3);
        after.put(row(13)).expect("it has no name");
        after.put(Row { id: 4, name: Some(1) }).expect("its name is its own");
        assert_eq!(before.ids[&3].0, after.ids[&13].0, "of the same position");
        let differences = before.differences(&after);
        let shown = |row: &Arc<Doc<Row>>| (row.value().id, row.value().name);
        let shown: Vec<_> = differences.map(|(old, new)| (old.map(shown), new.map(shown))).collect();
        let changed = (Some((4, None)), Some((4, Some(1))));
        assert_eq!(shown, [(Some((3, None)), None), changed, (None, Some((13, None)))]);
    }

    #[test]
    fn terms_of_many_rows_are_found_like_those_of_few() {
        let [all, third] = [Term::new("all", ()), Term::new("third", 1_u32)];
        let mut table = Table::default();
        for left in [1_500, 700, 3, 0, 600] {
            for id in 0..1_500 {
                if id < left {
                    table.put(row(id)).expect("it has no name");
                } else {
                    table.remove(id);
                }
            }
            for (term, count) in [(all, left), (third, (left + 1) / 3)] {
                assert_eq!(
                    (table.count(term), table.with(term).count()),
                    (count as usize, count as usize),
                    "of {left}"
                );
                assert_eq!(table.find(term).is_some(), count > 0);
            }
        }
    }

    #[test]
    fn lists_are_those_that_a_scan_would_find() {
        let mut table = Table::default();
        let mut rows: Vec<u32> = (0..60).map(|number| number * 7 % 61 * 2).collect();
        for id in &rows {
            table.put(row(*id)).expect("it has no name");
        }
        rows.sort_by_key(|id| id % 10);
        let has = |id: u32, term: &Term| {
            let mut terms = Terms::default();
            row(id).terms(&mut terms);
            terms.sorted().contains(term)
        };
        let [all, none] = ["all", "none"].map(|field| Term::new(field, ()));
        let [zero, one, two] = [0_u32, 1, 2].map(|rest| Term::new("third", rest));
        let clauses = [
            vec![vec![all]],
            vec![vec![one]],
            vec![vec![all, zero, one]],
            vec![vec![all], vec![two]],
            vec![vec![zero, two], vec![all, none]],
            vec![vec![one, two], vec![zero, two]],
            vec![vec![none]],
            vec![vec![all], vec![none]],
        ];
        let directions = [Direction::Ascending, Direction::Descending];
        let orders: Vec<_> = directions
            .into_iter()
            .flat_map(|direction| {
                let [id, nothing] = ["id", "no.such"].map(|path| Order::Field(path.into(), direction));
                [Order::Default(direction), id, nothing, Order::Relevance]
            })
            .collect();
        let pages =
            [(0, 100, false), (3, 5, true), (3, 5, false), (19, 4, false), (0, 0, true), (usize::MAX, 9, false)];
        for (all, range) in clauses.iter().flat_map(|all| [(all, 0..10), (all, 2..7), (all, 4..4)]) {
            for (order, (skip, limit, only)) in orders.iter().flat_map(|order| pages.map(|page| (order, page))) {
                let only = only.then(|| -> Predicate<'_, Row> { Box::new(|row| row.id % 4 == 0) });
                let score = |id: &u32| all[0].iter().filter(|term| has(*id, term)).count();
                let fits = |id: &&u32| {
                    range.contains(&i64::from(**id % 10))
                        && all.iter().all(|clause| clause.iter().any(|term| has(**id, term)))
                        && only.as_ref().is_none_or(|only| only(&row(**id)))
                };
                let mut expected: Vec<u32> = rows.iter().filter(fits).copied().collect();
                let positions: Vec<_> = expected.iter().map(|id| i64::from(id % 10)).collect();
                match order {
                    Order::Field(path, _) if path == "id" => expected.sort_unstable(),
                    Order::Relevance => expected.sort_by_key(score),
                    _ => {}
                }
                if !matches!(order, Order::Default(Direction::Ascending) | Order::Field(_, Direction::Ascending)) {
                    expected.reverse();
                }
                let query = Query { all: all.clone(), only, range: range.clone(), order: order.clone(), skip, limit };
                let (found, count) = (table.list(&query), expected.len());
                let page: Vec<_> = expected.into_iter().skip(skip).take(limit).collect();
                let at = format!("{order:?} of {range:?}, {skip} and {limit}");
                assert_eq!(found.docs.iter().map(|doc| doc.value().id).collect::<Vec<_>>(), page, "{at}");
                assert_eq!(found.count, count, "{at}");
                let scores: Vec<_> = page.iter().filter(|_| order == &Order::Relevance).map(score).collect();
                assert_eq!(found.scores, scores, "{at}");
                assert_eq!(table.positions(&query), positions, "{at}");
            }
        }
    }
}
