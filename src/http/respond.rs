//! Responses shared by most operations: a document, a page of documents, the result of a write.

use std::sync::Arc;

use poem_openapi::types::{ParseFromJSON, ToJSON};

use super::response::Reply;
use crate::{
    render,
    state::{
        Collection, ProjectScope, State,
        query::{Page, Selection, select},
    },
    store::Doc,
    value::{Error, RawId, Result},
};

/// Responds with the document with an ID.
pub(crate) fn get<T: Collection + ParseFromJSON + ToJSON>(scope: &ProjectScope, id: &RawId<T>) -> Result<Reply<T>> {
    let json = scope.read(|state| state.find(Some(scope.project), id).map(|doc| doc.to_json()));
    json.map(Reply::new).ok_or(Error::OBJECT_NOT_FOUND)
}

/// Responds with a page of documents as `{"perPage","count","<collection>"}`.
pub(crate) fn page<T: Collection, P: ParseFromJSON + ToJSON>(
    scope: &ProjectScope,
    selection: Selection<'_, T>,
    page: Page,
) -> Reply<P> {
    let per_page = page.per_page;
    Reply::new(scope.read(|state| {
        let rows = select(state, selection, page);
        render::json::page(per_page, rows.count, T::NAME, rows.docs.iter().map(|doc: &&Arc<Doc<T>>| doc.json()))
    }))
}

/// Responds with a page of documents as an array.
pub(crate) fn list<T: Collection + ParseFromJSON + ToJSON>(
    state: &State,
    selection: Selection<'_, T>,
    page: Page,
) -> Reply<Vec<T>> {
    let rows = select(state, selection, page);
    Reply::new(render::json::array(rows.docs.iter().map(|doc| doc.json())))
}

/// Responds with a written document.
pub(crate) fn reply<T: Collection + ParseFromJSON + ToJSON>(written: Result<Arc<Doc<T>>>) -> Result<Reply<T>> {
    written.map(Reply::from)
}
