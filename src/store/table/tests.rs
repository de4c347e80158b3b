//! Tests of tables, with any combination of merged and unmerged rows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::*;
use crate::store::{index::Direction, row_key::position_of};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::store) struct Row {
    pub(in crate::store) id: u32,
    pub(in crate::store) name: Option<u32>,
}

impl Document for Row {
    type Id = u32;
    type Retained = ();

    fn id(&self) -> u32 {
        self.id
    }

    fn sort_key(&self) -> i64 {
        i64::from(self.id % 10)
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add("all", ());
        terms.add("third", self.id % 3);
        if let Some(name) = self.name {
            terms.unique("name", "name", name);
        }
    }
}

fn row(id: u32) -> Row {
    Row { id, name: None }
}

#[test]
fn a_row_that_takes_over_a_row_key_is_a_different_row() {
    let mut before = Table::default();
    for id in [3, 4] {
        before.put(row(id)).expect("no unique value");
    }
    let mut after = before.clone();
    after.remove(3);
    after.put(row(13)).expect("no unique value");
    after.put(Row { id: 4, name: Some(1) }).expect("names are unique");
    assert_eq!(before.all().ids[&3].0, after.all().ids[&13].0, "row 13 reuses the row key");
    let differences = before.differences(&after);
    let shown = |row: &Arc<Doc<Row>>| (row.value().id, row.value().name);
    let shown: Vec<_> = differences.map(|(old, new)| (old.map(shown), new.map(shown))).collect();
    let changed = (Some((4, None)), Some((4, Some(1))));
    assert_eq!(shown, [(Some((3, None)), None), changed, (None, Some((13, None)))]);
}

#[test]
fn terms_with_many_rows_are_found_like_terms_with_few() {
    let [all, third] = [Term::new("all", ()), Term::new("third", 1_u32)];
    let mut table = Table::default();
    for left in [1_500, 700, 3, 0, 600] {
        for id in 0..1_500 {
            if id < left {
                table.put(row(id)).expect("no unique value");
            } else {
                table.remove(id);
            }
        }
        for (term, count) in [(all, left), (third, (left + 1) / 3)] {
            assert_eq!((table.count(term), table.with(term).count()), (count as usize, count as usize), "of {left}");
            assert_eq!(table.find(term).is_some(), count > 0);
        }
    }
}

/// Queries on a table and on its earlier versions do not affect the result of later writes.
#[test]
fn unmerged_rows_are_found_like_merged_ones() {
    let [all, third] = [Term::new("all", ()), Term::new("third", 1_u32)];
    for asked_every in [1, 7, 50, 1_000] {
        let (mut table, mut states, mut ids) = (Table::default(), Vec::new(), BTreeSet::new());
        for step in 0..400_u32 {
            // Rows in random order, rows next to each other with the same sort key, and replaced rows.
            let id = if step % 5 == 0 { step * 37 % 400 } else { 1_000 + step * 10 + step / 20 % 10 };
            if step % 17 == 3 {
                assert_eq!(table.remove(id).is_some(), ids.remove(&id));
            } else {
                let name = (step % 11 == 0).then_some(id);
                table.put(Row { id, name }).expect("names are unique");
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
            assert!(places.iter().all(|(place, row)| position_of(**place) == row.value().sort_key()));
            assert!(state.with(all).eq(state.iter()));
        }
        let (first, last) = (&states[100], &states[399]);
        let changed = first.0.differences(&last.0).map(|(old, new)| old.or(new).expect("one side exists").value().id);
        let known = |id: &u32| first.0.get(*id) == last.0.get(*id);
        let expected = first.1.union(&last.1).copied().filter(|id| !known(id));
        assert!(changed.eq(expected));
    }
}

#[test]
fn a_table_rebases_on_an_earlier_merged_version() {
    let (all, end) = (Term::new("all", ()), 5 * u32::try_from(MERGE_THRESHOLD).expect("it fits"));
    // Rows that are inserted during the merge.
    for late in [Some(0), Some(1), Some(40), None] {
        let (mut table, mut waiting, mut filed) = (Table::default(), None, 0);
        for number in 1..end {
            // Equal sort keys, so that each row comes after the others.
            table.put(row(number * 10)).expect("no unique value");
            if table.needs_merge() {
                let earlier = table.clone();
                earlier.merge();
                waiting = Some((earlier, number));
            }
            if let Some((earlier, _)) = waiting.take_if(|(_, due)| late.is_some_and(|late| number - *due >= late)) {
                assert!(table.rebase(&earlier));
                assert_eq!(
                    (table.recent.len(), table.filed.rows.len()),
                    (number as usize - MERGE_THRESHOLD - filed, MERGE_THRESHOLD + filed)
                );
                filed += MERGE_THRESHOLD;
                assert!(!table.rebase(&earlier), "it has already been rebased");
            }
            assert_eq!(table.len(), number as usize);
            let known = [1, number.div_ceil(2), number.div_ceil(33) * 33 - 32, number];
            let finds = |known: u32| table.get(known * 10).is_some_and(|row| row.value().id == known * 10);
            assert!(known.into_iter().all(finds));
            assert!(number % 97 > 0 || (1..=number).all(finds));
            assert!([5, number * 10 - 5, number * 10 + 10].iter().all(|unknown| table.get(*unknown).is_none()));
        }
        assert_eq!(filed, late.map_or(0, |_| 4 * MERGE_THRESHOLD));
        assert!(table.with(all).map(|row| row.value().id).eq((1..end).map(|number| number * 10)));
    }
}

#[test]
fn the_merge_threshold_grows_with_the_table() {
    let mut table = Table::default();
    let mut load = table.load();
    (0..MERGE_FRACTION * (MERGE_THRESHOLD + 1))
        .for_each(|id| drop(load.add(row(u32::try_from(id).expect("it fits"))).expect("no unique value")));
    load.finish();
    let dues: Vec<_> = (1..=3 * (MERGE_THRESHOLD + 1))
        .filter(|_| {
            table.put(row(10_000_000 + 10 * u32::try_from(table.len()).expect("it fits"))).expect("no unique value");
            table.needs_merge()
        })
        .collect();
    assert_eq!(dues, [1, 2, 3].map(|times| times * (MERGE_THRESHOLD + 1)), "due again if not merged");
    table.count(Term::new("all", ()));
    table.put(row(20_000_000)).expect("no unique value");
    assert!(!table.needs_merge(), "earlier rows were merged");
}

#[test]
fn a_modified_table_does_not_rebase() {
    let mut table = Table::default();
    for number in (1_u32..).take(MERGE_THRESHOLD) {
        table.put(row(number * 10)).expect("no unique value");
    }
    let earlier = table.clone();
    earlier.merge();
    table.remove(10);
    assert!(!table.rebase(&earlier));
    assert_eq!((table.get(10).is_some(), table.count(Term::new("all", ()))), (false, MERGE_THRESHOLD - 1));
}

#[test]
fn lists_agree_with_a_full_scan() {
    let mut table = Table::default();
    let mut rows: Vec<u32> = (0..60).map(|number| number * 7 % 61 * 2).collect();
    for id in &rows {
        table.put(row(*id)).expect("no unique value");
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
    let pages = [(0, 100, false), (3, 5, true), (3, 5, false), (19, 4, false), (0, 0, true), (usize::MAX, 9, false)];
    let lists: [Vec<Vec<u32>>; 2] = [vec![], vec![vec![4, 14, 1_000], vec![14, 22]]];
    let wanted = clauses.iter().flat_map(|all| lists.iter().map(move |also| (all, also)));
    for (all, also, range) in wanted.flat_map(|(all, also)| [0..10, 2..7, 4..4].map(|range| (all, also, range))) {
        for (order, (skip, limit, only)) in orders.iter().flat_map(|order| pages.map(|page| (order, page))) {
            let only = only.then(|| -> Predicate<'_, Row> { Box::new(|row| row.id % 4 == 0) });
            let listed = |id: &u32| also.iter().filter(|ids| ids.contains(id)).count();
            let score = |id: &u32| all[0].iter().filter(|term| has(*id, term)).count() + listed(id);
            let fits = |id: &&u32| {
                range.contains(&i64::from(**id % 10))
                    && score(id) > 0
                    && all[1..].iter().all(|clause| clause.iter().any(|term| has(**id, term)))
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
            let query = Query {
                all: all.clone(),
                also: also.clone(),
                only,
                range: range.clone(),
                order: order.clone(),
                skip,
                limit,
            };
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
