//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::{Channel, Message};
use crate::{
    json_schema::{Embedded, Populate, Populated},
    resource::request::{
        document::Request,
        schema::{Opening, RequestStatus},
    },
    value::{JsonObject, Text, lenient::Required, primitive::Number},
};

/// A message to send. Fields of the conversation apply only if the message opens it.
#[derive(Clone, Object)]
pub(crate) struct NewMessage {
    #[oai(flatten)]
    pub(crate) content: Content,
    /// Whether the conversation is opened before the visitor writes.
    pub(crate) preflight: Option<bool>,
    /// 50 opens the conversation as temporary and leaves it unassigned.
    pub(crate) request_status: Option<Number<RequestStatus>>,
    #[oai(flatten)]
    pub(crate) opening: Opening,
}

/// Content and sender of a message.
#[derive(Clone, Object)]
pub(crate) struct Content {
    /// Text of the message. Required in a text message that opens a conversation.
    //
    // Not coerced: the reference server never responds if it is a number.
    #[oai(validator(min_length = 0))]
    pub(crate) text: Option<Text>,
    /// Kind of message (default `text`).
    #[oai(rename = "type")]
    pub(crate) kind: Option<Text>,
    /// Data of the message kind, such as `src`, `width`, and `height` of an image.
    pub(crate) metadata: Option<JsonObject>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Language of the message.
    pub(crate) language: Option<Text>,
    /// Sender on whose behalf the message is sent (default: the caller).
    pub(crate) sender: Option<Text>,
    /// Name of the sender (default: the caller's name).
    #[oai(rename = "senderFullname")]
    pub(crate) sender_fullname: Option<Text>,
    /// Status (default 0).
    pub(crate) status: Option<i32>,
    /// Channel of the message.
    pub(crate) channel: Option<Channel>,
}

/// A direct message, outside of any conversation.
#[derive(Object)]
pub(crate) struct NewDirectMessage {
    /// Identifier of the recipient.
    pub(crate) recipient: Required<Text>,
    /// Name of the recipient.
    #[oai(rename = "recipientFullname")]
    pub(crate) recipient_fullname: Required<Text>,
    /// Channel type: `direct` (default) or `group`.
    pub(crate) channel_type: Option<Text>,
    #[oai(flatten)]
    pub(crate) content: Content,
}

impl Populate for Message {
    const NAME: &'static str = "SentMessage";

    fn embedded() -> Vec<Embedded> {
        vec![Embedded::new::<Populated<Request>>("request", "The conversation with its references.")]
    }
}
