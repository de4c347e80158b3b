//! The responses that most operations share: a document, a page of them, what a write left.

use std::sync::Arc;

use poem_openapi::{
    Object,
    types::{ParseFromJSON, ToJSON},
};

use super::response::Reply;
use crate::{
    render,
    state::{
        Collection, Scope, State,
        query::{Page, Selection, select},
    },
    store::Doc,
    value::{Error, Given, Result},
};

/// The document of an id.
pub(crate) fn get<T: Collection + ParseFromJSON + ToJSON>(scope: &Scope, id: &Given<T>) -> Result<Reply<T>> {
    let json = scope.read(|state| state.find(Some(scope.project), id).map(|doc| doc.to_json()));
    json.map(Reply::new).ok_or(Error::OBJECT_NOT_FOUND)
}

/// A page of documents as `{"perPage","count","<collection>"}`.
pub(crate) fn page<T: Collection, P: ParseFromJSON + ToJSON>(
    scope: &Scope,
    selection: Selection<'_, T>,
    page: Page,
) -> Reply<P> {
    let per_page = page.per_page;
    Reply::new(scope.read(|state| {
        let rows = select(state, selection, page);
        render::json::page(per_page, rows.count, T::NAME, rows.docs.iter().map(|doc: &&Arc<Doc<T>>| doc.json()))
    }))
}

/// A page of documents as an array.
pub(crate) fn list<T: Collection + ParseFromJSON + ToJSON>(
    state: &State,
    selection: Selection<'_, T>,
    page: Page,
) -> Reply<Vec<T>> {
    let rows = select(state, selection, page);
    Reply::new(render::json::array(rows.docs.iter().map(|doc| doc.json())))
}

/// The answer to a write.
pub(crate) fn reply<T: Collection + ParseFromJSON + ToJSON>(written: Result<Arc<Doc<T>>>) -> Result<Reply<T>> {
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

impl Removal {
    pub(crate) const ONE: Self = Self { n: 1, ok: 1, deleted_count: 1 };
    pub(crate) const NONE: Self = Self { n: 0, ok: 1, deleted_count: 0 };
}

/// The answer to a removal for good.
pub(crate) fn removed() -> Reply<Removal> {
    Reply::of(&Removal::ONE)
}
