//! Unsent emails, which the real API would have sent.

use poem_openapi::{Object, OpenApi};

use super::Tag;
use crate::{
    http::{Filter, Problem, Reply, Selected, blocking},
    state::Sandbox,
    value::{Text, Timestamp},
};

/// Which emails to list.
#[derive(Object)]
struct EmailFilter {
    /// Only emails that come after the one with this ID.
    after: Option<Text>,
}

/// Unsent emails.
#[derive(Object)]
struct EmailList {
    /// Number of emails.
    count: u32,
    /// The emails, oldest first.
    items: Vec<UnsentEmail>,
}

/// An unsent email.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct UnsentEmail {
    /// ID of the email.
    id: Text,
    /// Time at which it would have been sent, according to the sandbox's clock.
    at: Timestamp,
    /// Recipient.
    to: Text,
    /// Subject.
    subject: Option<Text>,
    /// Text.
    text: Option<Text>,
    /// Reply-to address.
    #[oai(rename = "replyTo")]
    reply_to: Option<Text>,
    /// Kind of the related object: `request`, `bot`, `namespace`, or `project`.
    kind: Text,
    /// `request_id` of its conversation, or ID of its chatbot or knowledge base.
    about: Option<Text>,
}

fn list(sandbox: &Sandbox, after: Option<&str>) -> EmailList {
    let state = sandbox.state_arc();
    let emails = state.tables.emails.iter().map(|doc| {
        let email = doc.value().into_owned();
        let (kind, about) = match (email.request_id, email.bot_id, email.namespace_id) {
            (Some(id), ..) => ("request", Some(id)),
            (_, Some(id), _) => ("bot", Some(id)),
            (_, _, Some(id)) => ("namespace", Some(id)),
            _ => ("project", None),
        };
        UnsentEmail {
            id: email.id.to_string().into(),
            at: email.created_at,
            to: email.to,
            subject: email.subject,
            text: email.text,
            reply_to: email.reply_to,
            kind: kind.into(),
            about,
        }
    });
    let mut emails: Vec<_> = emails.collect();
    let known = after.and_then(|after| emails.iter().position(|email| &*email.id == after));
    if let Some(last) = known {
        emails.drain(..=last);
    }
    EmailList { count: u32::try_from(emails.len()).unwrap_or(u32::MAX), items: emails }
}

pub(super) struct EmailControl;

#[OpenApi(tag = "Tag::State")]
impl EmailControl {
    /// List unsent emails
    ///
    /// Lists the emails that the real API would have sent. Texts are not masked: they may contain passwords and codes.
    ///
    /// Returns the emails, oldest first.
    #[oai(path = "/emails", method = "get", operation_id = "list_emails")]
    async fn list(&self, selected: Selected, filter: Filter<EmailFilter>) -> Result<Reply<EmailList>, Problem> {
        let found = blocking(move || list(&selected.0, filter.0.after.as_deref())).await;
        Ok(Reply::of(&found))
    }
}
