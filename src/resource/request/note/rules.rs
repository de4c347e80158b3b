//! Rules for notes.

use std::sync::Arc;

use super::{document::Note, schema::NewNote};
use crate::{
    identity::Actor,
    resource::request::{
        document::Request,
        rules::{load_or, republish, save},
    },
    state::Tx,
    store::Doc,
    value::{
        Error, Id, Result, Role,
        error::{ErrorBody, ErrorKind},
    },
};

pub(crate) fn add(tx: &mut Tx, by: &Actor, request_id: &str, new: &NewNote) -> Result<Arc<Doc<Request>>> {
    let Some(text) = new.text.0.as_ref().filter(|text| !text.trim().is_empty()) else {
        let received = new.text.0.as_deref().unwrap_or("undefined");
        let text = format!("Field 'text' is required. Received value: {received}");
        return Err(Error::new(ErrorKind::Malformed, ErrorBody::error(text.into())));
    };
    let mut request = find(tx, by, request_id)?;
    let (id, created_by, now) = (tx.new_id(), by.id(), tx.now());
    request.notes.push(Note { id, text: text.clone(), created_by, created_at: now, updated_at: now });
    save(tx, request)
}

pub(super) fn delete(tx: &mut Tx, by: &Actor, request_id: &str, id: &str) -> Result<Arc<Doc<Request>>> {
    let mut request = find(tx, by, request_id)?;
    let before = request.notes.len();
    request.notes.retain(|note| Some(note.id) != Id::parse(id));
    if request.notes.len() == before { republish(tx, &request) } else { save(tx, request) }
}

/// The request, if the caller may write notes in it.
fn find(tx: &Tx, by: &Actor, request_id: &str) -> Result<Request> {
    let text = format!("Request with id {request_id} not found.");
    let request = load_or(tx, request_id, ErrorBody::error(text.into()))?;
    let serves = by.user().is_some_and(|user| request.participants_agents.contains(&user));
    if by.role() < Role::Admin && !serves {
        let rule = "Agents can change notes only in requests in which they participate; administrators can in all.";
        let words = ErrorBody::error("You are not participating in the conversation".into());
        return Err(Error::forbidden(words).because(rule));
    }
    Ok(request)
}
