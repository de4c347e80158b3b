//! Closing and reopening requests.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};

use super::{
    Section,
    authority::may_reach,
    document::Request,
    rules::{load, load_or, save, serves, unchanged},
};
use crate::{
    http::{Agent, Body, Guest, Member, Path, Reply},
    identity::Actor,
    json_schema::Populated,
    resource::{
        activity::rules as activity,
        message::{self, document::Message},
        request::respond::change,
    },
    state::{Tx, event::EventName},
    store::Doc,
    value::{Error, Result, Role, Text, error::ErrorBody},
};

/// Options for closing a request.
#[derive(Object, Default)]
pub(crate) struct Closing {
    /// Whether to close a closed request again (default `false`).
    pub(crate) force: Option<bool>,
}

pub(crate) struct Closings;

#[OpenApi(tag = "Section::Requests")]
impl Closings {
    /// Close a request
    ///
    /// Sets the status to 1000, writes the transcript, posts a system message, and emits `request.update` and
    /// `request.close`. Agents and bots must participate in the conversation (otherwise 403); administrators, owners,
    /// and webhook subscriptions need not. Closing a closed request emits only `request.close` again and leaves the
    /// request unchanged, unless `force` is `true`.
    ///
    /// Returns the closed request.
    #[oai(path = "/requests/:request_id/close", method = "put", operation_id = "close_request")]
    async fn close(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<Closing>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| close(tx, &member.actor, &request_id, &body.0))
    }

    /// Close a request as a visitor
    ///
    /// Used by the widget. Visitors can close only conversations that they opened (otherwise 403).
    ///
    /// Returns the closed request.
    #[oai(path = "/requests/:request_id/closeg", method = "put", operation_id = "close_request_as_guest")]
    async fn close_as_guest(
        &self,
        member: Member<Guest>,
        request_id: Path<Text>,
        body: Body<Closing>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| close_as_guest(tx, &member.actor, &request_id, &body.0))
    }

    /// Reopen a request
    ///
    /// Sets the status to 100 (unserved), even if there are participants, and posts a system message. Emits
    /// `request.update`. A request with status 100 or 200 stays unchanged.
    ///
    /// Returns the reopened request.
    #[oai(path = "/requests/:request_id/reopen", method = "put", operation_id = "reopen_request")]
    async fn reopen(&self, member: Member<Agent>, request_id: Path<Text>) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| reopen(tx, &request_id))
    }
}

pub(crate) fn close(tx: &mut Tx, by: &Actor, request_id: &str, closing: &Closing) -> Result<Arc<Doc<Request>>> {
    let request = find(tx, request_id)?;
    if by.role() < Role::Admin && !serves(tx.state(), by, &request) {
        let text = "You must be among the participants to close a conversation.";
        let rule = "Agents and bots can close only requests in which they participate; administrators can close all.";
        return Err(Error::forbidden(ErrorBody::error(text.into())).because(rule));
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
    load_or(tx, request_id, ErrorBody::error("Request not found".into()))
}

/// Closing a closed request again notifies all subscribers but leaves the request unchanged.
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

/// One line per message: `7/3/2019, 17:47:38 Guest: hello`.
fn transcript(tx: &Tx, request: &Request) -> Text {
    let line = |message: &Message| {
        let moment = message.created_at.in_italian();
        // The API prints `undefined` for a message without text.
        format!("{moment} {}: {}", message.sender_fullname, message.text.as_deref().unwrap_or("undefined"))
    };
    let messages = tx.state().tables.messages.with(Message::of_request(request.id_project, &request.request_id));
    messages.map(|message| line(&message.value())).collect::<Vec<_>>().join("\r\n").into()
}

pub(crate) fn reopen(tx: &mut Tx, request_id: &str) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    // Departs: Reopening an open conversation keeps its status, as on the reference server; the documentation says that
    // the response has status 100.
    if matches!(request.status, Request::UNSERVED | Request::SERVED) {
        return unchanged(tx, &request);
    }
    request.status = Request::UNSERVED;
    let request = save(tx, request)?;
    message::system::chat_reopened(tx, &request.value())?;
    Ok(request)
}
