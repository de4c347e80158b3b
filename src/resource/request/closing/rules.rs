//! What closing and reopening do.

use std::sync::Arc;

use super::model::Closing;
use crate::{
    resource::{
        activity::rules as activity,
        message::{self, model::Message},
        request::{
            authority::may_reach,
            model::Request,
            rules::{load, load_or, save, serves, unchanged},
        },
    },
    store::Doc,
    world::{Actor, Error, Result, Role, Text, Tx, error::Words, event::EventName},
};

pub(super) fn close(tx: &mut Tx, by: &Actor, request_id: &str, closing: &Closing) -> Result<Arc<Doc<Request>>> {
    let request = find(tx, request_id)?;
    if by.role() < Role::Admin && !serves(tx.state(), by, &request) {
        let text = "You must be among the participants to close a conversation.";
        let rule = "Agents and bots close the requests in which they participate; administrators close all.";
        return Err(Error::forbidden(Words::Error(text.into())).because(rule));
    }
    end(tx, by, request, closing)
}

pub(crate) fn close_as_guest(
    tx: &mut Tx,
    by: &Actor,
    request_id: &str,
    closing: &Closing,
) -> Result<Arc<Doc<Request>>> {
    let request = find(tx, request_id)?;
    may_reach(tx.state(), by, request_id)?;
    end(tx, by, request, closing)
}

fn find(tx: &Tx, request_id: &str) -> Result<Request> {
    load_or(tx, request_id, Words::Error("Request not found".into()))
}

/// A request that is closed already is closed once more for all who are told of it, and stays as it is.
fn end(tx: &mut Tx, by: &Actor, mut request: Request, closing: &Closing) -> Result<Arc<Doc<Request>>> {
    if request.status == Request::CLOSED && closing.force != Some(true) {
        let request = unchanged(tx, &request)?;
        return tell(tx, by, request);
    }
    request.status = Request::CLOSED;
    request.closed_at = Some(tx.now());
    request.closed_by = Some(by.id());
    request.duration = Some(tx.now().milliseconds() - request.created_at.milliseconds());
    request.transcript = Some(transcript(tx, &request));
    let request = save(tx, request)?;
    tell(tx, by, request)
}

fn tell(tx: &mut Tx, by: &Actor, request: Arc<Doc<Request>>) -> Result<Arc<Doc<Request>>> {
    tx.emit(EventName::RequestClose, &request);
    activity::request_closed(tx, by, &request.value())?;
    message::system::chat_closed(tx, &request.value())?;
    Ok(request)
}

/// One line a message: `7/3/2019, 17:47:38 Guest: hello`.
fn transcript(tx: &Tx, request: &Request) -> Text {
    let line = |message: &Message| {
        let moment = message.created_at.in_italian();
        // A message without a text has this one, as in the API.
        format!("{moment} {}: {}", message.sender_fullname, message.text.as_deref().unwrap_or("undefined"))
    };
    let messages = tx.state().tables.messages.with(Message::of_request(request.id_project, &request.request_id));
    messages.map(|message| line(&message.value())).collect::<Vec<_>>().join("\r\n").into()
}

pub(super) fn reopen(tx: &mut Tx, request_id: &str) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    // Departs: an open request that is reopened keeps its status, as in the reference server; the documentation says that the
    // response has status 100.
    if matches!(request.status, Request::UNSERVED | Request::SERVED) {
        return unchanged(tx, &request);
    }
    request.status = Request::UNSERVED;
    let request = save(tx, request)?;
    message::system::chat_reopened(tx, &request.value())?;
    Ok(request)
}
