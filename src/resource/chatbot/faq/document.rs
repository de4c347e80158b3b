//! The faq document and what changes it.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{chatbot::document::Bot, project::document::Project},
    value::{Id, JsonObject, Text, Timestamp},
};

/// A question with its answer: an intent of a bot.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Faq {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// The same as `_id`.
    #[oai(rename = "id")]
    #[serde(rename = "id")]
    pub(crate) same_id: Option<Id<Self>>,
    /// The bot that answers it.
    pub(crate) id_faq_kb: Id<Bot>,
    /// Texts that ask it, one a line.
    pub(crate) question: Option<Text>,
    /// Text that answers it.
    pub(crate) answer: Option<Text>,
    /// Name of the intent. No other one of the bot has it.
    pub(crate) intent_display_name: Option<Text>,
    /// UUID of the intent. No other one of the bot has it.
    pub(crate) intent_id: Option<Text>,
    /// Topic.
    #[serde(default = "topic")]
    pub(crate) topic: Text,
    /// Two-letter code of the language.
    #[serde(default = "english")]
    pub(crate) language: Text,
    /// Whether fulfilment is asked for.
    #[serde(default)]
    pub(crate) webhook_enabled: bool,
    /// Whether the bot answers it.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// `live` or another.
    #[serde(default = "live")]
    pub(crate) status: Text,
    /// Answer of another form than a text.
    pub(crate) reply: Option<JsonObject>,
    /// Questions that are asked back.
    pub(crate) form: Option<JsonObject>,
    /// Steps of the visual editor; each has a `_tdActionType`.
    #[serde(default)]
    pub(crate) actions: Vec<JsonObject>,
    /// Whether agents see it.
    pub(crate) agents_available: Option<bool>,
    /// Whether its bot was deleted softly.
    pub(crate) trashed: Option<bool>,
    /// When its bot was deleted softly.
    #[oai(rename = "trashedAt")]
    #[serde(rename = "trashedAt")]
    pub(crate) trashed_at: Option<Timestamp>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Project of the faq.
    pub(crate) id_project: Id<Project>,
    /// User who created the faq.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the faq was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the faq was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

pub(super) fn topic() -> Text {
    Faq::TOPIC.into()
}

fn english() -> Text {
    "en".into()
}

fn live() -> Text {
    "live".into()
}

fn yes() -> bool {
    true
}
