//! The bodies that most operations share.

use std::sync::Arc;

use bytes::Bytes;
use poem_openapi::types::{ParseFromJSON, ToJSON};

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
    let Selection { all, only } = selection;
    let query = Query { all, only, order: page.order, skip: page.skip, limit: page.limit };
    scope.read(|state| T::table(&state.tables).list(&query))
}

/// The answer to a write.
pub(crate) fn reply<T: Entity + ParseFromJSON + ToJSON>(written: Result<Arc<Doc<T>>>) -> Result<Reply<T>> {
    written.map(Reply::from)
}
