//! The FAQ document.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{chatbot::document::Bot, project::document::Project},
    value::{Id, JsonObject, Text, Timestamp},
};

/// A question and its answer: an intent of a bot.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Faq {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Same value as `_id`.
    #[oai(rename = "id")]
    #[serde(rename = "id")]
    pub(crate) same_id: Option<Id<Self>>,
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Id<Bot>,
    /// Example questions, one per line.
    pub(crate) question: Option<Text>,
    /// Answer text.
    pub(crate) answer: Option<Text>,
    /// Name of the intent, unique within the bot.
    pub(crate) intent_display_name: Option<Text>,
    /// UUID of the intent, unique within the bot.
    pub(crate) intent_id: Option<Text>,
    /// Topic.
    #[serde(default = "topic")]
    pub(crate) topic: Text,
    /// Two-letter language code.
    #[serde(default = "english")]
    pub(crate) language: Text,
    /// Whether the fulfillment webhook is enabled.
    #[serde(default)]
    pub(crate) webhook_enabled: bool,
    /// Whether the FAQ is enabled.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Status, such as `live`.
    #[serde(default = "live")]
    pub(crate) status: Text,
    /// Answer in a form other than text.
    pub(crate) reply: Option<JsonObject>,
    /// Form with follow-up questions.
    pub(crate) form: Option<JsonObject>,
    /// Actions of the visual editor; each has a `_tdActionType`.
    #[serde(default)]
    pub(crate) actions: Vec<JsonObject>,
    /// Whether the FAQ is visible to agents.
    pub(crate) agents_available: Option<bool>,
    /// Whether the bot was soft-deleted.
    pub(crate) trashed: Option<bool>,
    /// When the bot was soft-deleted.
    #[oai(rename = "trashedAt")]
    #[serde(rename = "trashedAt")]
    pub(crate) trashed_at: Option<Timestamp>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Project of the FAQ.
    pub(crate) id_project: Id<Project>,
    /// User who created the FAQ.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the FAQ was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the FAQ was last updated.
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
