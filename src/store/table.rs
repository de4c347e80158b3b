//! All documents of one kind: rows in their default order, found by id or by term, and counted, without a scan.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use imbl::ordmap::DiffItem;

use super::{
    Term, Terms,
    doc::{Doc, Document},
    filed::Filed,
    index::Order,
    load::Load,
    place::of_position,
    postings::Postings,
    recent::{New, Recent},
};

/// All documents of one kind.
#[derive(Clone)]
pub(crate) struct Table<T: Document> {
    filed: Filed<T>,
    /// What is not filed yet.
    recent: Recent<T>,
    /// Everything filed, since somebody asked for more than ids.
    all: OnceLock<Filed<T>>,
}

impl<T: Document> Default for Table<T> {
    fn default() -> Self {
        Self { filed: Filed::default(), recent: Recent::default(), all: OnceLock::new() }
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
        self.filed.rows.len() + self.recent.len()
    }

    pub(crate) fn get(&self, id: T::Id) -> Option<&Arc<Doc<T>>> {
        self.recent.get(id).or_else(|| self.filed.ids.get(&id).map(|(_, doc)| doc))
    }

    /// All rows in ascending default order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Doc<T>>> {
        self.all().rows.values()
    }

    /// The keys of all rows, in their own order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &T::Id> {
        self.all().ids.keys()
    }

    /// The first row that has `term`.
    pub(crate) fn find(&self, term: Term) -> Option<&Arc<Doc<T>>> {
        let all = self.all();
        all.index.get(term).map(|postings| all.row(postings.first()))
    }

    /// The rows that have `term`, in ascending default order.
    pub(crate) fn with(&self, term: Term) -> impl Iterator<Item = &Arc<Doc<T>>> {
        let all = self.all();
        let places = all.index.get(term).into_iter().flat_map(|postings| postings.ascending(0));
        places.map(|place| all.row(place))
    }

    /// The rows that have `term`, in descending default order.
    pub(crate) fn last_with(&self, term: Term) -> impl Iterator<Item = &Arc<Doc<T>>> {
        let all = self.all();
        let places = all.index.get(term).into_iter().flat_map(|postings| postings.descending(0));
        places.map(|place| all.row(place))
    }

    /// How many rows have `term`.
    pub(crate) fn count(&self, term: Term) -> usize {
        self.all().index.get(term).map_or(0, Postings::len)
    }

    /// Inserts the document, or replaces the one with its id.
    pub(crate) fn put(&mut self, value: T) -> Result<Arc<Doc<T>>, Duplicate> {
        let (id, position, mut terms) = (value.id(), value.position(), Terms::default());
        value.terms(&mut terms);
        if !terms.uniques().is_empty() || self.get(id).is_some() {
            return self.file().put(value, terms);
        }
        let places = of_position(position);
        let is_before = self.recent.last().is_some_and(|last| last > *places.end());
        if is_before || self.recent.is_full() || self.all.get().is_some() {
            self.file();
        }
        let beside = self.recent.last().filter(|last| places.contains(last));
        let place = beside.map_or_else(|| self.filed.free_place(position), |last| last + 1);
        let doc = Arc::new(Doc::new(value));
        self.recent.push(New { id, place, doc: doc.clone(), terms: terms.sorted() });
        Ok(doc)
    }

    /// Starts to insert many documents.
    pub(crate) fn load(&mut self) -> Load<'_, T> {
        Load::new(self.file())
    }

    pub(crate) fn remove(&mut self, id: T::Id) -> Option<Arc<Doc<T>>> {
        self.file().remove(id)
    }

    /// The rows that are not the same in another table, as they are here and there. What both share is not looked at.
    pub(crate) fn differences<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Pair<'a, T>> {
        self.all().ids.diff(&other.all().ids).map(|item| match item {
            DiffItem::Add(_, (_, new)) => (None, Some(new)),
            DiffItem::Remove(_, (_, old)) => (Some(old), None),
            DiffItem::Update { old: (_, (_, old)), new: (_, (_, new)) } => (Some(old), Some(new)),
        })
    }

    /// The page of rows that the query asks for, and how many match in all.
    pub(crate) fn list(&self, query: &Query<'_, T>) -> Rows<'_, T> {
        self.all().list(query)
    }

    /// The positions of all rows that the query asks for, in ascending order. The index knows them: no document is looked
    /// at, unless the query has a predicate.
    pub(crate) fn positions(&self, query: &Query<'_, T>) -> Vec<i64> {
        self.all().positions(query)
    }

    /// All rows filed. Whoever asks first files the new ones, and the next change goes on from there.
    fn all(&self) -> &Filed<T> {
        if self.recent.is_empty() {
            return &self.filed;
        }
        self.all.get_or_init(|| {
            let mut all = self.filed.clone();
            all.add(&self.recent.rows());
            all
        })
    }

    /// The same, to be changed.
    fn file(&mut self) -> &mut Filed<T> {
        let recent = std::mem::take(&mut self.recent);
        match self.all.take() {
            Some(all) => self.filed = all,
            None => self.filed.add(&recent.rows()),
        }
        &mut self.filed
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use serde::{Deserialize, Serialize};

    use super::{
        super::{Direction, place::position_of},
        *,
    };

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
        assert_eq!(before.all().ids[&3].0, after.all().ids[&13].0, "of the same position");
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

    /// Whatever was asked of it and of its copies meanwhile, a table is one in which each row was filed at once.
    #[test]
    fn rows_that_are_not_filed_yet_are_found_like_the_others() {
        let [all, third] = [Term::new("all", ()), Term::new("third", 1_u32)];
        for asked_every in [1, 7, 50, 1_000] {
            let (mut table, mut states, mut ids) = (Table::default(), Vec::new(), BTreeSet::new());
            for step in 0..400_u32 {
                // Rows in no order, in one position side by side, and put again.
                let id = if step % 5 == 0 { step * 37 % 400 } else { 1_000 + step * 10 + step / 20 % 10 };
                if step % 17 == 3 {
                    assert_eq!(table.remove(id).is_some(), ids.remove(&id));
                } else {
                    let name = (step % 11 == 0).then_some(id);
                    table.put(Row { id, name }).expect("its name is its own");
                    ids.insert(id);
                    if name.is_some() {
                        let namesake = table.put(Row { id: id + 50_000, name });
                        assert_eq!(namesake.err(), Some(Duplicate("name")));
                    }
                }
                assert_eq!(table.len(), ids.len());
                assert!(ids.iter().all(|id| table.get(*id).is_some_and(|row| row.value().id == *id)));
                assert!(table.get(id + 50_000).is_none());
                if step % asked_every == 0 {
                    assert_eq!(table.count(all), ids.len());
                }
                states.push((table.clone(), ids.clone()));
            }
            for (state, ids) in &states {
                let count = ids.iter().filter(|id| *id % 3 == 1).count();
                assert_eq!((state.count(all), state.count(third), state.len()), (ids.len(), count, ids.len()));
                assert_eq!(state.ids().collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
                let places: Vec<_> = state.all().rows.iter().collect();
                assert!(places.iter().all(|(place, row)| position_of(**place) == row.value().position()));
                assert!(state.with(all).eq(state.iter()));
            }
            let (first, last) = (&states[100], &states[399]);
            let changed = first.0.differences(&last.0).map(|(old, new)| old.or(new).expect("one of them").value().id);
            let known = |id: &u32| first.0.get(*id) == last.0.get(*id);
            let expected = first.1.union(&last.1).copied().filter(|id| !known(id));
            assert!(changed.eq(expected));
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
