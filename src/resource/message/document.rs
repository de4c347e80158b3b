//! The stored message.

pub(crate) use super::metadata::Metadata;

use std::borrow::Cow;

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{
        entity::{Entity, Owner},
        project::document::Project,
    },
    store::{Doc, Document, Term, Terms, words},
    value::{Id, JsonObject, Text, Timestamp, json},
};

/// A message of a conversation.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Sender: the identifier of a user, a visitor, or a bot, or `system`.
    pub(crate) sender: Text,
    /// Name of the sender.
    #[oai(rename = "senderFullname")]
    #[serde(rename = "senderFullname", default = "guest")]
    pub(crate) sender_fullname: Text,
    /// `request_id` of the conversation, or the recipient of a direct message.
    pub(crate) recipient: Text,
    /// Name of the recipient of a direct message.
    #[oai(rename = "recipientFullname")]
    #[serde(rename = "recipientFullname")]
    pub(crate) recipient_fullname: Option<Text>,
    /// Text of the message.
    pub(crate) text: Option<Text>,
    /// Kind of message: `text`, `image`, or another.
    #[oai(rename = "type")]
    #[serde(rename = "type", default = "text")]
    pub(crate) kind: Text,
    /// Status: -100 failed, 0 sending, 100 sent, 150 delivered, 200 received, 250 return receipt, 300 seen.
    #[serde(default = "received")]
    pub(crate) status: i32,
    /// Data of the message kind, such as `src`, `width`, and `height` of an image. In system messages, the language of
    /// the conversation.
    pub(crate) metadata: Option<Metadata>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Language of the message.
    pub(crate) language: Option<Text>,
    /// Channel type: `group` in a conversation, otherwise `direct`.
    #[serde(default = "group")]
    pub(crate) channel_type: Text,
    /// Channel of the message.
    #[serde(default)]
    pub(crate) channel: Channel,
    /// Project that the message belongs to.
    pub(crate) id_project: Id<Project>,
    /// Creator of the message.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// Creation time.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Time of the last change.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// A messaging channel.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channel {
    /// Name of the channel: `chat21`, `email`, `form`, `whatsapp`, `telegram`, `messenger`, or another.
    pub(crate) name: Text,
}

impl Default for Channel {
    fn default() -> Self {
        Self { name: "chat21".into() }
    }
}

fn guest() -> Text {
    "Guest".into()
}

pub(super) fn text() -> Text {
    "text".into()
}

fn group() -> Text {
    "group".into()
}

fn received() -> i32 {
    200
}

/// The index terms of messages.
#[derive(Clone, Copy, Hash)]
enum MessageIndex {
    Recipient,
    Project,
    Sender,
    Channel,
    Answer,
    Word,
}

impl Message {
    /// Messages of a conversation.
    pub(crate) fn of_request(project: Id<Project>, request_id: &str) -> Term {
        Term::new(MessageIndex::Recipient, (project, request_id))
    }

    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(MessageIndex::Project, project)
    }

    pub(crate) fn of_sender(project: Id<Project>, sender: &str) -> Term {
        Term::new(MessageIndex::Sender, (project, sender))
    }

    pub(crate) fn of_channel(project: Id<Project>, channel: &str) -> Term {
        Term::new(MessageIndex::Channel, (project, channel))
    }

    /// Messages that are an answer of a bot: the given one, or any.
    pub(crate) fn of_answer(project: Id<Project>, answer: Option<&str>) -> Term {
        Term::new(MessageIndex::Answer, (project, answer))
    }

    /// Messages with a word in their text, except system messages.
    pub(crate) fn with_word(project: Id<Project>, word: &str) -> Term {
        Term::new(MessageIndex::Word, (project, word))
    }

    /// The text that search covers. System messages are excluded, because most conversations contain the same ones.
    pub(crate) fn said(&self) -> Option<&Text> {
        self.text.as_ref().filter(|_| &*self.sender != "system")
    }

    /// Identifier of the bot's answer that the message is.
    pub(crate) fn answer(&self) -> Option<&str> {
        self.attributes.as_ref()?.0.get("_answerid")?.as_str()
    }
}

/// The recipient of a stored message. Searches visit many messages and need no other field, so only this one is parsed.
pub(crate) fn recipient(message: &Doc<Message>) -> Cow<'_, str> {
    #[derive(Deserialize)]
    struct Sent<'a> {
        #[serde(borrow)]
        recipient: Cow<'a, str>,
    }
    let sent: Sent<'_> = serde_json::from_slice(message.json()).expect("every message has a recipient");
    sent.recipient
}

impl Document for Message {
    type Id = Id<Self>;
    type Retained = Owner;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(MessageIndex::Recipient, (self.id_project, &*self.recipient));
        terms.add(MessageIndex::Project, self.id_project);
        terms.add(MessageIndex::Sender, (self.id_project, &*self.sender));
        terms.add(MessageIndex::Channel, (self.id_project, &*self.channel.name));
        for word in self.said().into_iter().flat_map(|text| words(text)) {
            terms.add(MessageIndex::Word, (self.id_project, &*word));
        }
        if let Some(answer) = self.answer() {
            terms.add(MessageIndex::Answer, (self.id_project, Some(answer)));
            terms.add(MessageIndex::Answer, (self.id_project, None::<&str>));
        }
    }
}

impl Entity for Message {
    const NESTING: usize = json::NESTING + 8;

    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn owner(doc: &Doc<Self>) -> Option<Id<Project>> {
        doc.kept().project()
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
