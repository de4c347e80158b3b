//! Mails to anybody, and to the leads of conversations.

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
    /// Send a mail
    ///
    /// No mail is sent: it stands in the exported state, under `emails`.
    #[oai(path = "/emails/internal/send", method = "post", operation_id = "send_email")]
    async fn send(&self, member: Member<Agent>, body: Body<NewEmail>) -> Result<Reply<Queued>> {
        member.scope.write(|tx| rules::send(tx, &member.actor.caller, body.0))?;
        Ok(Reply::of(&Queued { queued: true }))
    }

    /// Send a mail to the lead of a request
    ///
    /// No mail is sent: it stands in the exported state, under `emails`.
    #[oai(path = "/requests/:request_id/email/send", method = "post", operation_id = "send_request_email")]
    async fn send_to_lead(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<NewRequestEmail>,
    ) -> Result<Reply<Queued>> {
        member.scope.write(|tx| rules::send_to_lead(tx, &member.actor.caller, &request_id, body.0))?;
        Ok(Reply::of(&Queued { queued: true }))
    }
}
