//! The bodies that most operations share.

use std::{ops::Range, sync::Arc};

use poem_openapi::{
    Object,
    types::{ParseFromJSON, ToJSON},
};
use serde_json::json;

use crate::{
    http::{Page, Reply},
    store::{Doc, Document, Predicate, Query, Rows, Term, TextQuery, join},
    world::{
        Entity, Error, Given, Result, Scope, State,
        error::{Kind, Location, Violation, Words},
    },
};

/// The document of an id.
pub(crate) fn get<T: Entity + ParseFromJSON + ToJSON>(scope: &Scope, id: &Given<T>) -> Result<Reply<T>> {
    let json = scope.read(|state| state.find(Some(scope.project), id).map(|doc| doc.to_json()));
    json.map(Reply::new).ok_or(Error::OBJECT_NOT_FOUND)
}

/// What a list asks for besides its page.
pub(crate) struct Selection<'a, T: Document> {
    /// Of each of these, at least one.
    pub(crate) all: Vec<Vec<Term>>,
    /// Documents that have a term of the first of these as well, each list as if they shared one more.
    pub(crate) also: Vec<Vec<T::Id>>,
    pub(crate) only: Option<Predicate<'a, T>>,
    /// Moments between which the documents were created, in milliseconds.
    pub(crate) range: Range<i64>,
}

impl<'a, T: Document + 'a> Selection<'a, T> {
    /// The documents that have one term of each clause.
    pub(crate) fn of(all: Vec<Vec<Term>>) -> Self {
        Self { all, also: Vec::new(), only: None, range: 0..i64::MAX }
    }

    /// Keeps the documents that fulfill another condition.
    pub(crate) fn narrow(&mut self, condition: impl Fn(&T) -> bool + 'a) {
        self.only = Some(match self.only.take() {
            None => Box::new(condition),
            Some(only) => Box::new(move |document| only(document) && condition(document)),
        });
    }

    /// Keeps the documents that match a text query. A word has `terms` in the index; `texts` are what they are taken from. The
    /// words become the first clause, whose terms the order of relevance counts.
    pub(crate) fn search<I: IntoIterator<Item = Term>>(
        &mut self,
        text: &str,
        terms: impl Fn(&str) -> I,
        texts: impl Fn(&T) -> Vec<&str> + 'a,
    ) {
        let admits = move |query: &TextQuery, document: &T| query.admits(&texts(document));
        self.search_where(TextQuery::parse(text), terms, admits);
    }

    /// The same of documents whose texts are not all in them: `admits` looks at those.
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

/// A page of documents as `{"perPage","count","<collection>"}`.
pub(crate) fn page<T: Entity, P: ParseFromJSON + ToJSON>(
    scope: &Scope,
    selection: Selection<'_, T>,
    page: Page,
) -> Reply<P> {
    let per_page = page.per_page;
    Reply::new(scope.read(|state| {
        let rows = select(state, selection, page);
        join::page(per_page, rows.count, T::NAME, rows.docs.iter().map(|doc: &&Arc<Doc<T>>| doc.json()))
    }))
}

/// A page of documents as an array.
pub(crate) fn list<T: Entity + ParseFromJSON + ToJSON>(
    state: &State,
    selection: Selection<'_, T>,
    page: Page,
) -> Reply<Vec<T>> {
    let rows = select(state, selection, page);
    Reply::new(join::array(rows.docs.iter().map(|doc| doc.json())))
}

/// The documents of a page.
pub(crate) fn select<'a, T: Entity>(state: &'a State, selection: Selection<'_, T>, page: Page) -> Rows<'a, T> {
    let Selection { all, also, only, range } = selection;
    let query = Query { all, also, only, range, order: page.order, skip: page.skip, limit: page.limit };
    T::table(&state.tables).list(&query)
}

/// The milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// A parameter of a query may not have this value.
pub(crate) fn misread(field: &str, value: &str, reason: &str) -> Error {
    let violation = Violation {
        value: Some(json!(value)),
        field: field.into(),
        location: Location::Query,
        reason: Some(reason.into()),
        msg: None,
    };
    Error::new(Kind::Invalid, Words::Fields(vec![violation]))
}

/// The answer to a write.
pub(crate) fn reply<T: Entity + ParseFromJSON + ToJSON>(written: Result<Arc<Doc<T>>>) -> Result<Reply<T>> {
    written.map(Reply::from)
}

/// What a physical removal answers.
#[derive(Object)]
pub(crate) struct Removal {
    /// Objects that were found.
    pub(crate) n: u32,
    /// 1 when the removal worked.
    pub(crate) ok: u32,
    /// Objects that were removed.
    #[oai(rename = "deletedCount")]
    pub(crate) deleted_count: u32,
}

/// The answer to a removal for good.
pub(crate) fn removed() -> Reply<Removal> {
    Reply::of(&Removal::ONE)
}

impl Removal {
    pub(crate) const ONE: Self = Self { n: 1, ok: 1, deleted_count: 1 };
    pub(crate) const NONE: Self = Self { n: 0, ok: 1, deleted_count: 0 };
}
