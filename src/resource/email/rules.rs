//! Rules for emails.

use super::{
    document::Email,
    schema::{NewEmail, NewLoginEmail, NewRequestEmail},
};
use crate::{
    identity::{Principal, authenticate},
    resource::{project::document::Project, request, user},
    state::Tx,
    value::{
        Error, Id, Result, Text,
        error::{ErrorBody, ErrorKind},
    },
};

pub(super) fn send(tx: &mut Tx, by: &Principal, new: NewEmail) -> Result<()> {
    let mail = empty(tx, tx.project(), by, new.to);
    let (subject, text, reply_to, request_id) = (new.subject, new.text, new.replyto, new.request_id);
    queue(tx, Email { subject, text, reply_to, request_id, ..mail })
}

/// Records an email to the lead of a conversation, who must have an address.
pub(super) fn send_to_lead(tx: &mut Tx, by: &Principal, request_id: &Text, new: NewRequestEmail) -> Result<()> {
    let request = request::rules::load(tx, request_id)?;
    let lead =
        request.lead.and_then(|lead| tx.state().tables.leads.get(lead)).and_then(|lead| lead.value().email.clone());
    let to =
        lead.ok_or_else(|| Error::new(ErrorKind::Malformed, ErrorBody::error("The lead has no email address".into())))?;
    let mail = empty(tx, tx.project(), by, to);
    let (subject, text, reply_to) = (new.subject, Some(new.text), new.replyto);
    queue(tx, Email { subject, text, reply_to, request_id: Some(request_id.clone()), ..mail })
}

/// Records an email to the caller, with a link to a chatbot or a knowledge base.
//
// Departs: A login email that names neither a bot nor a knowledge base returns 400; the reference server fails with
// 500.
pub(crate) fn send_login(tx: &mut Tx, by: &Principal, new: NewLoginEmail) -> Result<()> {
    let missing =
        |field: &str| Error::new(ErrorKind::Malformed, ErrorBody::error(format!("missing {field} field").into()));
    let project = new.id_project.given().ok_or_else(|| missing("'id_project'"))?;
    if new.bot_id.is_none() && new.namespace_id.is_none() {
        return Err(missing("'bot_id' or 'namespace_id'"));
    }
    let to = user::rules::get(tx.state(), by)?.email;
    let project = Id::parse(project).filter(|project| authenticate::is_active(tx.state(), *project));
    let mail = empty(tx, project.ok_or(Error::OBJECT_NOT_FOUND)?, by, to);
    queue(tx, Email { bot_id: new.bot_id, namespace_id: new.namespace_id, ..mail })
}

fn empty(tx: &mut Tx, id_project: Id<Project>, by: &Principal, to: Text) -> Email {
    Email {
        id: tx.new_id(),
        to,
        subject: None,
        text: None,
        reply_to: None,
        request_id: None,
        bot_id: None,
        namespace_id: None,
        id_project,
        created_by: by.id(),
        created_at: tx.now(),
    }
}

fn queue(tx: &mut Tx, mail: Email) -> Result<()> {
    tx.put(mail).map(drop)
}
