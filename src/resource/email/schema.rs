//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use crate::value::{Text, lenient::Required};

/// An email to send to any address.
#[derive(Object)]
pub(crate) struct NewEmail {
    /// Recipient address.
    #[oai(validator(min_length = 1))]
    pub(crate) to: Text,
    /// Subject.
    pub(crate) subject: Option<Text>,
    /// Text.
    pub(crate) text: Option<Text>,
    /// Reply-to address.
    pub(crate) replyto: Option<Text>,
    /// `request_id` of the conversation to which the email belongs.
    pub(crate) request_id: Option<Text>,
}

/// An email to send to the lead of a request.
#[derive(Object)]
pub(crate) struct NewRequestEmail {
    /// Subject.
    pub(crate) subject: Option<Text>,
    /// Text.
    #[oai(validator(min_length = 1))]
    pub(crate) text: Text,
    /// Reply-to address.
    pub(crate) replyto: Option<Text>,
}

/// The link in a login email.
#[derive(Object)]
pub(crate) struct NewLoginEmail {
    /// Identifier of the project.
    pub(crate) id_project: Required<Text>,
    /// Identifier of a chatbot. Either this or `namespace_id` is required.
    pub(crate) bot_id: Option<Text>,
    /// Identifier of a knowledge base (namespace).
    pub(crate) namespace_id: Option<Text>,
}

/// The confirmation that an email is queued.
#[derive(Object)]
pub(crate) struct Queued {
    /// Always `true`.
    pub(crate) queued: bool,
}
