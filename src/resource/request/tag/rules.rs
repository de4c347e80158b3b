//! Rules for the tags of a request.

use std::{collections::HashSet, sync::Arc};

use super::schema::NewRequestTag;
use crate::{
    resource::request::{
        document::Request,
        rules::{load_or, republish, save},
    },
    state::Tx,
    store::Doc,
    value::{
        Error, Id, Result,
        error::{ErrorBody, ErrorKind},
    },
};

pub(crate) fn add(tx: &mut Tx, request_id: &str, tags: Vec<NewRequestTag>) -> Result<Arc<Doc<Request>>> {
    if tags.is_empty() {
        return Err(Error::new(ErrorKind::Malformed, ErrorBody::message("No tag specified".into())));
    }
    let text = format!("Request not found with request id {request_id}");
    let mut request = load_or(tx, request_id, ErrorBody::error(text.into()))?;
    let before = request.tags.len();
    let mut known: HashSet<_> = request.tags.iter().map(|tag| tag.tag.clone()).collect();
    for tag in tags {
        if known.insert(tag.tag.clone()) {
            request.tags.push(tag.into_tag(tx.new_id()));
        }
    }
    if request.tags.len() == before { republish(tx, &request) } else { save(tx, request) }
}

pub(super) fn remove(tx: &mut Tx, request_id: &str, id: &str) -> Result<Arc<Doc<Request>>> {
    let text = format!("Request not found with id {request_id}");
    let mut request = load_or(tx, request_id, ErrorBody::error(text.into()))?;
    let before = request.tags.len();
    request.tags.retain(|tag| Some(tag.id) != Id::parse(id));
    if request.tags.len() == before { republish(tx, &request) } else { save(tx, request) }
}
