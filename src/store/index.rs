//! The inverted index: the row keys of each term, and the lists that follow from them. It works on row keys only, so
//! that all tables share its code.

use std::{cmp::Ordering, ops::Range};

use imbl::OrdMap;
use serde_json::Value;

use super::{
    postings::Postings,
    row_key::RowKey,
    term::{Term, Terms},
};

/// The postings of each term. Updates copy the path (persistent tree), so terms with large postings, which most new
/// rows share, live in a separate, smaller tree.
#[derive(Clone, Default)]
pub(super) struct Index {
    few: OrdMap<Term, Postings>,
    many: OrdMap<Term, Postings>,
}

/// The rows to list, and their order.
pub(super) struct IndexQuery<'a> {
    /// Clauses, all of which must hold; a clause holds if the row has one of its terms.
    pub(super) all: &'a [Vec<Term>],
    /// Rows that satisfy the first clause as well. For scores, each counts as the postings of one more term.
    pub(super) also: &'a [Postings],
    pub(super) only: Option<&'a dyn Fn(RowKey) -> bool>,
    pub(super) range: Range<RowKey>,
    pub(super) order: &'a Order,
    /// Looks up a field of a document by its dotted path.
    pub(super) field: &'a dyn Fn(RowKey, &str) -> Value,
    pub(super) skip: usize,
    pub(super) limit: usize,
}

/// A page of row keys.
#[derive(Default)]
pub(super) struct Hits {
    /// Total number of matches, on all pages.
    pub(super) count: usize,
    pub(super) places: Vec<RowKey>,
    /// The number of terms of the first clause that each row has, if ordered by relevance.
    pub(super) scores: Vec<usize>,
}

/// The order of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The default order of the table.
    Default(Direction),
    /// By a field of the rendered document, given as a dotted path. Ties are in default order.
    Field(String, Direction),
    /// By the number of matching terms of the first clause, in descending order. Ties are newest first.
    Relevance,
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

impl Index {
    pub(super) fn get(&self, term: Term) -> Option<&Postings> {
        self.many.get(&term).or_else(|| self.few.get(&term))
    }

    /// The first unique field whose value another row already has.
    pub(super) fn taken(&self, new: &Terms, known: Option<RowKey>) -> Option<&'static str> {
        let elsewhere = |postings: &Postings| postings.ascending(0).any(|place| Some(place) != known);
        new.uniques().iter().find(|(_, term)| self.get(*term).is_some_and(elsewhere)).map(|(field, _)| *field)
    }

    /// Replaces the terms of a row. Both lists must be sorted.
    pub(super) fn change(&mut self, place: RowKey, old: &[Term], new: &[Term]) {
        for term in old.iter().filter(|term| new.binary_search(term).is_err()) {
            let tree = if self.many.contains_key(term) { &mut self.many } else { &mut self.few };
            if tree.get_mut(term).is_some_and(|postings| postings.remove(place)) {
                tree.remove(term);
            }
        }
        for term in new.iter().filter(|term| old.binary_search(term).is_err()) {
            self.add(*term, [place]);
        }
    }

    /// Adds rows to the postings of a term.
    pub(super) fn add(&mut self, term: Term, places: impl IntoIterator<Item = RowKey>) {
        let places = places.into_iter();
        if self.many.contains_key(&term) {
            let postings = self.many.get_mut(&term).expect("the key was just found");
            return places.for_each(|place| postings.insert(place));
        }
        if let Some(postings) = self.few.get_mut(&term) {
            places.for_each(|place| postings.insert(place));
            if matches!(postings, Postings::Many(_)) {
                let postings = self.few.remove(&term).expect("the key was just found");
                self.many.insert(term, postings);
            }
        } else if let Some(postings) = Postings::of(places) {
            let tree = if matches!(postings, Postings::Many(_)) { &mut self.many } else { &mut self.few };
            tree.insert(term, postings);
        }
    }

    /// Adds terms of many rows. Fastest if the row keys ascend; duplicates are ignored.
    pub(super) fn add_all(&mut self, mut noted: Vec<(Term, RowKey)>) {
        noted.sort_by_key(|(term, _)| *term);
        for of_term in noted.chunk_by(|(one, _), (other, _)| one == other) {
            self.add(of_term[0].0, of_term.iter().map(|(_, place)| *place));
        }
    }

    /// A page of the matching rows, and the total number of matches.
    pub(super) fn page(&self, wanted: &IndexQuery<'_>) -> Hits {
        let Some(clauses) = self.clauses(wanted) else { return Hits::default() };
        match (wanted.order, &clauses[..], &wanted.only) {
            (Order::Default(direction), [clause], None) if clause.len() == 1 => indexed(clause[0], *direction, wanted),
            (Order::Relevance, [clause], None) if clause.len() == 1 => {
                let found = indexed(clause[0], Direction::Descending, wanted);
                Hits { scores: vec![1; found.places.len()], ..found }
            }
            _ => filtered(&clauses, wanted),
        }
    }

    /// All matching rows in ascending order.
    pub(super) fn places(&self, wanted: &IndexQuery<'_>) -> Vec<RowKey> {
        self.clauses(wanted).map(|clauses| matches(&clauses, wanted)).unwrap_or_default()
    }

    /// The postings of each clause, or `None` if a clause cannot match.
    fn clauses<'a>(&'a self, wanted: &IndexQuery<'a>) -> Option<Vec<Vec<&'a Postings>>> {
        let clauses = wanted.all.iter().enumerate().map(|(at, clause)| {
            let also = wanted.also.iter().filter(|_| at == 0);
            let known: Vec<_> = clause.iter().filter_map(|term| self.get(*term)).chain(also).collect();
            (!known.is_empty()).then_some(known)
        });
        clauses.collect()
    }
}

/// Fast path for a single term in default order, which visits only the page.
fn indexed(postings: &Postings, direction: Direction, wanted: &IndexQuery<'_>) -> Hits {
    let (start, end) = (postings.rank(wanted.range.start), postings.rank(wanted.range.end));
    let count = end.saturating_sub(start);
    let limit = wanted.limit.min(count.saturating_sub(wanted.skip));
    let places = match direction {
        Direction::Ascending => postings.ascending(start.saturating_add(wanted.skip)).take(limit).collect(),
        Direction::Descending => {
            postings.descending((postings.len() - end).saturating_add(wanted.skip)).take(limit).collect()
        }
    };
    Hits { count, places, scores: Vec::new() }
}

fn filtered(clauses: &[Vec<&Postings>], wanted: &IndexQuery<'_>) -> Hits {
    let mut places = matches(clauses, wanted);
    let count = places.len();
    let direction = match wanted.order {
        Order::Default(direction) => *direction,
        Order::Field(path, direction) => {
            let mut keyed: Vec<_> = places.iter().map(|place| ((wanted.field)(*place, path), *place)).collect();
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
        Direction::Ascending => places.into_iter().skip(wanted.skip).take(wanted.limit).collect(),
        Direction::Descending => places.into_iter().rev().skip(wanted.skip).take(wanted.limit).collect(),
    };
    let relevant = *wanted.order == Order::Relevance;
    let scores = page.iter().filter(|_| relevant).map(|place| score(&clauses[0], *place)).collect();
    Hits { count, places: page, scores }
}

/// The rows that match all clauses, in ascending order. Iterates over the smallest clause and probes the others.
fn matches(clauses: &[Vec<&Postings>], wanted: &IndexQuery<'_>) -> Vec<RowKey> {
    let size = |clause: &Vec<&Postings>| clause.iter().map(|postings| postings.len()).sum::<usize>();
    let smallest = (0..clauses.len()).min_by_key(|at| size(&clauses[*at])).expect("a query has at least one clause");
    let walked = clauses[smallest].iter().flat_map(|postings| {
        let start = postings.rank(wanted.range.start);
        postings.ascending(start).take_while(|place| *place < wanted.range.end)
    });
    let mut places: Vec<_> = walked.collect();
    if clauses[smallest].len() > 1 {
        places.sort_unstable();
        places.dedup();
    }
    places.retain(|place| {
        let mut others = clauses.iter().enumerate().filter(|(at, _)| *at != smallest);
        others.all(|(_, clause)| clause.iter().any(|postings| postings.contains(*place)))
            && wanted.only.is_none_or(|only| only(*place))
    });
    places
}

/// The number of terms of a clause that a row has.
fn score(clause: &[&Postings], place: RowKey) -> usize {
    clause.iter().filter(|postings| postings.contains(place)).count()
}

/// MongoDB's sort order, which the real API has: missing and null, then numbers, strings, objects, arrays, booleans.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_sort_as_in_the_database() {
        let sorted = [
            json!(null),
            json!(-1.5),
            json!(2),
            json!(10),
            json!("10"),
            json!("9"),
            json!({"a": 1}),
            json!([7]),
            json!([1, 1]),
            json!(false),
            json!(true),
        ];
        for (at, one) in sorted.iter().enumerate() {
            for (beside, other) in sorted.iter().enumerate() {
                assert_eq!(compare(one, other), at.cmp(&beside), "{one} and {other}");
            }
        }
    }
}
