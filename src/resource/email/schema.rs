//! What calls send and receive.

use poem_openapi::Object;

use crate::value::{Text, lenient::Required};

/// A mail to be sent to anybody.
#[derive(Object)]
pub(crate) struct NewEmail {
    /// Address.
    #[oai(validator(min_length = 1))]
    pub(crate) to: Text,
    /// Subject.
    pub(crate) subject: Option<Text>,
    /// Text.
    pub(crate) text: Option<Text>,
    /// Address for answers.
    pub(crate) replyto: Option<Text>,
    /// The conversation to which it belongs.
    pub(crate) request_id: Option<Text>,
}

/// A mail to be sent to the lead of a conversation.
#[derive(Object)]
pub(crate) struct NewRequestEmail {
    /// Subject.
    pub(crate) subject: Option<Text>,
    /// Text.
    #[oai(validator(min_length = 1))]
    pub(crate) text: Text,
    /// Address for answers.
    pub(crate) replyto: Option<Text>,
}

/// What a login mail leads to.
#[derive(Object)]
pub(crate) struct NewLoginEmail {
    /// Identifier of the project.
    pub(crate) id_project: Required<Text>,
    /// Identifier of a chatbot. It or a namespace is needed.
    pub(crate) bot_id: Option<Text>,
    /// Identifier of a namespace of the knowledge base.
    pub(crate) namespace_id: Option<Text>,
}

/// That a mail is under way.
#[derive(Object)]
pub(crate) struct Queued {
    /// Always true.
    pub(crate) queued: bool,
}
