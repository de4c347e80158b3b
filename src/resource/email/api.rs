//! Emails to any address, and to the leads of requests.

use poem_openapi::OpenApi;

use super::{
    Section, rules,
    schema::{NewEmail, NewRequestEmail, Queued},
};
use crate::{
    http::{Agent, Body, Member, Path, Reply},
    value::{Result, Text},
};

pub(crate) struct Emails;

#[OpenApi(tag = "Section::Emails")]
impl Emails {
    /// Send an email
    ///
    /// Queues an email to any address.
    ///
    /// Returns a confirmation that the email is queued.
    #[oai(path = "/emails/internal/send", method = "post", operation_id = "send_email")]
    async fn send(&self, member: Member<Agent>, body: Body<NewEmail>) -> Result<Reply<Queued>> {
        member.scope.write(|tx| rules::send(tx, &member.actor.caller, body.0))?;
        Ok(Reply::of(&Queued { queued: true }))
    }

    /// Email the lead of a request
    ///
    /// Queues an email to the lead of a request. A lead without an email address returns 400.
    ///
    /// Returns a confirmation that the email is queued.
    #[oai(path = "/requests/:request_id/email/send", method = "post", operation_id = "send_request_email")]
    async fn send_to_lead(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<NewRequestEmail>,
    ) -> Result<Reply<Queued>> {
        member.scope.write(|tx| rules::send_to_lead(tx, &member.actor.caller, &request_id, body.0))?;
        Ok(Reply::of(&Queued { queued: true }))
    }
}
