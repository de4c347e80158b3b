//! The bodies that most operations share.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use poem_openapi::{
    Object,
    types::{ParseFromJSON, ToJSON},
};
use serde_json::Value;

use crate::{
    http::{Page, Reply},
    store::{Doc, Predicate, Query, Rows, Term, join},
    world::{Entity, Error, Given, Result, Scope},
};

/// The document of an id.
pub(crate) fn get<T: Entity + ParseFromJSON + ToJSON>(scope: &Scope, id: &Given<T>) -> Result<Reply<T>> {
    let doc = scope.read(|state| state.find(Some(scope.project), id).cloned());
    doc.map(Reply::from).ok_or(Error::OBJECT_NOT_FOUND)
}

/// What a list asks for besides its page.
pub(crate) struct Selection<'a, T> {
    /// Of each of these, at least one.
    pub(crate) all: Vec<Vec<Term>>,
    pub(crate) only: Option<Predicate<'a, T>>,
    /// Moments between which the documents were created, in milliseconds.
    pub(crate) range: Range<i64>,
}

impl<T> Selection<'_, T> {
    /// The documents that have one term of each clause.
    pub(crate) fn of(all: Vec<Vec<Term>>) -> Self {
        Self { all, only: None, range: 0..i64::MAX }
    }
}

/// A page of documents as `{"perPage","count","<collection>"}`.
pub(crate) fn page<T: Entity, P: ParseFromJSON + ToJSON>(
    scope: &Scope,
    selection: Selection<'_, T>,
    page: Page,
) -> Reply<P> {
    let per_page = page.per_page;
    let rows = select(scope, selection, page);
    let items: Vec<Bytes> = rows.docs.iter().map(|doc| doc.json()).collect();
    Reply::new(join::page(per_page, rows.count, T::NAME, &items))
}

/// The documents of a page.
pub(crate) fn select<T: Entity>(scope: &Scope, selection: Selection<'_, T>, page: Page) -> Rows<T> {
    let Selection { all, only, range } = selection;
    let query = Query { all, only, range, order: page.order, skip: page.skip, limit: page.limit };
    scope.read(|state| T::table(&state.tables).list(&query))
}

/// A header row, and the columns of each document in JSON, separated by semicolons.
pub(crate) fn csv<const N: usize>(columns: [&str; N], rows: impl IntoIterator<Item = Bytes>) -> Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    let written = csv.write_record(columns).and_then(|()| {
        rows.into_iter().try_for_each(|row| {
            let row: Value = serde_json::from_slice(&row).expect("documents are rendered JSON");
            csv.write_record(columns.map(|column| match &row[column] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            }))
        })
    });
    written.and_then(|()| csv.into_inner().map_err(|error| error.into_error().into())).map_err(|_| Error::INTERNAL)
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
}
