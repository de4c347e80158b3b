//! What calls send and receive.

use poem_openapi::Object;

use crate::{
    resource::{
        chatbot::document::Bot,
        message::document::Channel,
        request::{
            document::{Location, Request},
            participant::document::Participant,
        },
        team::document::Teammate,
    },
    value::{Id, JsonObject, Text},
};

/// A request to be opened without a message.
#[derive(Clone, Object)]
pub(crate) struct NewRequest {
    /// Text with which the conversation is opened.
    #[oai(validator(min_length = 1))]
    pub(crate) first_text: Text,
    /// Your own identifier, unlike that of any other request; generated when it is missing.
    pub(crate) request_id: Option<Text>,
    /// On whose behalf it is opened: the identifier of a user or of a visitor; the caller when it is missing.
    pub(crate) sender: Option<Text>,
    /// Name of the lead.
    #[oai(rename = "senderFullname")]
    pub(crate) sender_fullname: Option<Text>,
    /// Code of the language.
    pub(crate) language: Option<Text>,
    /// Custom attributes of the request, and of the lead if there is none yet.
    pub(crate) attributes: Option<JsonObject>,
    /// Channel by which the visitor writes.
    pub(crate) channel: Option<Channel>,
    #[oai(flatten)]
    pub(crate) opening: Opening,
}

/// What concerns a request, and not its first message.
#[derive(Clone, Object, Default)]
pub(crate) struct Opening {
    /// Department that is to serve the conversation; the default one when it is missing.
    pub(crate) departmentid: Option<Text>,
    /// Page on which the visitor was.
    #[oai(rename = "sourcePage")]
    pub(crate) source_page: Option<Text>,
    /// Browser of the visitor.
    #[oai(rename = "userAgent")]
    pub(crate) user_agent: Option<Text>,
    /// E-mail address of the lead; the sender's when it is missing.
    pub(crate) email: Option<Text>,
    /// Subject of the conversation.
    pub(crate) subject: Option<Text>,
    /// Who is to serve the conversation, instead of whom the department chooses.
    pub(crate) participants: Option<Vec<Participant>>,
    /// Priority of the conversation: `normal` (default), `low`, `high` (also spelled `hight`), `urgent`, or another text.
    pub(crate) priority: Option<Text>,
    /// Teammates who follow the conversation.
    pub(crate) followers: Option<Vec<Id<Teammate>>>,
    /// Where the visitor is.
    pub(crate) location: Option<Location>,
}

/// A request that was just created, with the bots that serve it.
#[derive(Object)]
pub(crate) struct CreatedRequest {
    #[oai(flatten)]
    request: Request,
    /// The bots that serve the request.
    #[oai(rename = "participatingBots")]
    participating_bots: Vec<Bot>,
}
