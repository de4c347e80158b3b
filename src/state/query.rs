//! Queries of a collection: selection and paging.

use std::ops::Range;

use super::{tables::Collection, version::State};
use crate::store::{Document, Order, Predicate, Query, Rows, Term, TextQuery};

/// The page of a list.
pub(crate) struct Page {
    /// The effective `limit`, shown as `perPage`.
    pub(crate) per_page: u32,
    pub(crate) skip: usize,
    pub(crate) limit: usize,
    pub(crate) order: Order,
}

/// The number of results before a page. Without a limit, all pages are the first page.
pub(crate) fn skip(page: Option<u32>, per_page: u32) -> usize {
    (page.unwrap_or(0) as usize).saturating_mul(per_page as usize)
}

/// The selection of a list, apart from its page.
pub(crate) struct Selection<'a, T: Document> {
    /// Documents must have at least one term of each clause.
    pub(crate) all: Vec<Vec<Term>>,
    /// Documents that satisfy the first clause as well. For scores, each list counts as one more term.
    pub(crate) also: Vec<Vec<T::Id>>,
    pub(crate) only: Option<Predicate<'a, T>>,
    /// The range of creation times, in milliseconds.
    pub(crate) range: Range<i64>,
}

impl<'a, T: Document + 'a> Selection<'a, T> {
    /// Selects documents with at least one term of each clause.
    pub(crate) fn of(all: Vec<Vec<Term>>) -> Self {
        Self { all, also: Vec::new(), only: None, range: 0..i64::MAX }
    }

    /// Adds a condition.
    pub(crate) fn narrow(&mut self, condition: impl Fn(&T) -> bool + 'a) {
        self.only = Some(match self.only.take() {
            None => Box::new(condition),
            Some(only) => Box::new(move |document| only(document) && condition(document)),
        });
    }

    /// Adds a text query. `terms` maps a word to its index terms, and `texts` returns the texts that the terms are
    /// taken from. The words become the first clause, whose terms the order of relevance counts.
    pub(crate) fn search<I: IntoIterator<Item = Term>>(
        &mut self,
        text: &str,
        terms: impl Fn(&str) -> I,
        texts: impl Fn(&T) -> Vec<&str> + 'a,
    ) {
        let admits = move |query: &TextQuery, document: &T| query.admits(&texts(document));
        self.search_where(TextQuery::parse(text), terms, admits);
    }

    /// Like [`Self::search`], for documents whose texts are partly elsewhere: `admits` examines them.
    pub(crate) fn search_where<I: IntoIterator<Item = Term>>(
        &mut self,
        query: TextQuery,
        terms: impl Fn(&str) -> I,
        admits: impl Fn(&TextQuery, &T) -> bool + 'a,
    ) {
        self.all.insert(0, query.words().flat_map(terms).collect());
        if !query.is_words_only() {
            self.narrow(move |document| admits(&query, document));
        }
    }
}

/// The documents of a page.
pub(crate) fn select<'a, T: Collection>(state: &'a State, selection: Selection<'_, T>, page: Page) -> Rows<'a, T> {
    let Selection { all, also, only, range } = selection;
    let query = Query { all, also, only, range, order: page.order, skip: page.skip, limit: page.limit };
    T::table(&state.tables).list(&query)
}
