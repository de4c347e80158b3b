//! What calls send and receive.

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

/// A message to be sent. What concerns the conversation counts only when this message opens it.
#[derive(Clone, Object)]
pub(crate) struct NewMessage {
    #[oai(flatten)]
    pub(crate) content: Content,
    /// Whether the conversation is opened before the visitor wrote.
    pub(crate) preflight: Option<bool>,
    /// 50 keeps the conversation temporary and gives it to nobody.
    pub(crate) request_status: Option<Number<RequestStatus>>,
    #[oai(flatten)]
    pub(crate) opening: Opening,
}

/// What a message says, and who says it.
#[derive(Clone, Object)]
pub(crate) struct Content {
    /// Text. It is needed in the text message that opens a conversation.
    //
    // The reference server never answers when it is a number: it is not coerced.
    #[oai(validator(min_length = 0))]
    pub(crate) text: Option<Text>,
    /// Kind of message; `text` when it is missing.
    #[oai(rename = "type")]
    pub(crate) kind: Option<Text>,
    /// Data of the kind: `src`, `width` and `height` of an image.
    pub(crate) metadata: Option<JsonObject>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Language.
    pub(crate) language: Option<Text>,
    /// On whose behalf it is sent; the caller's when it is missing.
    pub(crate) sender: Option<Text>,
    /// Name of the sender; the caller's when it is missing.
    #[oai(rename = "senderFullname")]
    pub(crate) sender_fullname: Option<Text>,
    /// Status; 0 when it is missing.
    pub(crate) status: Option<i32>,
    /// Channel.
    pub(crate) channel: Option<Channel>,
}

/// A message outside any conversation.
#[derive(Object)]
pub(crate) struct NewDirectMessage {
    /// Identifier of the addressee.
    pub(crate) recipient: Required<Text>,
    /// Name of the addressee.
    #[oai(rename = "recipientFullname")]
    pub(crate) recipient_fullname: Required<Text>,
    /// `direct` (the default) or `group`.
    pub(crate) channel_type: Option<Text>,
    #[oai(flatten)]
    pub(crate) content: Content,
}

impl Populate for Message {
    const NAME: &'static str = "SentMessage";

    fn embedded() -> Vec<Embedded> {
        vec![Embedded::new::<Populated<Request>>("request", "The conversation, with what it refers to.")]
    }
}
