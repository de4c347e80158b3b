//! Rows of messages, and which of them are counted.

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    resource::analytics::model::LastDays,
    world::{JsonObject, Text},
};

/// How many messages somebody sent.
#[derive(Object)]
pub(crate) struct SenderCount {
    /// Who sent them.
    #[oai(rename = "_id")]
    sender: Sender,
    /// How many.
    count: u64,
}

/// Who sends messages.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(crate) struct Sender {
    /// The identifier of a user, of a visitor or of a bot, or `system`.
    pub(super) sender: Text,
}

/// The number of messages of one answer, or of none.
#[derive(Object)]
pub(crate) struct AnswerCount {
    /// The answer; empty for messages that are none.
    #[oai(rename = "_id")]
    answer: Answer,
    /// How many.
    count: u64,
}

/// An answer of a bot.
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Answer {
    /// Its identifier: the attribute `_answerid` of messages.
    #[oai(rename = "_answerid")]
    #[serde(rename = "_answerid")]
    pub(super) answer: Option<Text>,
}

/// Between whom messages go.
#[derive(Object)]
pub(crate) struct Correspondents {
    /// Only messages of this sender.
    pub(crate) sender: Option<Text>,
    /// Only messages to the conversation with this `request_id`.
    pub(crate) recipient: Option<Text>,
}

/// The messages that a total counts.
#[derive(Object)]
pub(crate) struct MessageFilter {
    #[oai(flatten)]
    pub(crate) correspondents: Correspondents,
    /// Only messages with exactly these attributes, which are texts.
    pub(crate) attributes: Option<JsonObject>,
    /// Only messages that are this answer of a bot.
    pub(crate) attributes_answerid: Option<Text>,
}

/// The messages of some days.
#[derive(Object)]
pub(crate) struct MessageDays {
    #[oai(flatten)]
    pub(crate) period: LastDays,
    #[oai(flatten)]
    pub(crate) correspondents: Correspondents,
}

/// The messages of some days, of one channel or of any.
#[derive(Object)]
pub(crate) struct ChannelDays {
    #[oai(flatten)]
    pub(crate) days: MessageDays,
    /// Only messages of this channel.
    pub(crate) channel: Option<Text>,
}
