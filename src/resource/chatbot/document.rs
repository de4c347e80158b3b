//! The bot document.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::project::document::Project,
    value::{Id, JsonObject, Text, Timestamp, primitive::Secret},
};

/// A chatbot.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are those of the API")]
pub(crate) struct Bot {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name.
    pub(crate) name: Text,
    /// Kind of engine: `internal`, `external`, `tilebot`, `dialogflow`, `rasa`, or `identity`.
    #[oai(rename = "type")]
    #[serde(rename = "type", default = "internal")]
    pub(crate) kind: Text,
    /// Purpose of a `tilebot`: `chatbot`, `webhook`, `copilot`, `voice`, or `voice_twilio`.
    pub(crate) subtype: Option<Text>,
    /// Whether `type` is `external` (older form of `type`).
    pub(crate) external: Option<bool>,
    /// URL slug, unique within the project.
    pub(crate) slug: Option<Text>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// URL to which messages are sent (external bots).
    pub(crate) url: Option<Text>,
    /// URL of the fulfillment webhook.
    pub(crate) webhook_url: Option<Text>,
    /// Whether the fulfillment webhook is enabled.
    #[serde(default)]
    pub(crate) webhook_enabled: bool,
    /// Two-letter language code.
    #[serde(default = "english")]
    pub(crate) language: Text,
    /// Whether the bot was soft-deleted.
    #[serde(default)]
    pub(crate) trashed: bool,
    /// When the bot was soft-deleted.
    #[oai(rename = "trashedAt")]
    #[serde(rename = "trashedAt")]
    pub(crate) trashed_at: Option<Timestamp>,
    /// Whether the bot is shared with other projects.
    #[serde(default)]
    pub(crate) public: bool,
    /// Whether the bot is certified.
    #[serde(default)]
    pub(crate) certified: bool,
    /// Tags assigned at certification.
    #[oai(rename = "certifiedTags")]
    #[serde(rename = "certifiedTags", default)]
    pub(crate) certified_tags: Vec<JsonObject>,
    /// Category of a shared bot.
    #[oai(rename = "mainCategory")]
    #[serde(rename = "mainCategory")]
    pub(crate) main_category: Option<Text>,
    /// Title of a shared bot.
    pub(crate) title: Option<Text>,
    /// Short description of a shared bot.
    pub(crate) short_description: Option<Text>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Vec<Text>,
    /// Ranking score of a shared bot.
    #[serde(default)]
    pub(crate) score: u32,
    /// Intent recognition engine: `none` or `tiledesk-ai`.
    #[oai(rename = "intentsEngine")]
    #[serde(rename = "intentsEngine", default = "none")]
    pub(crate) intents_engine: Text,
    /// Whether the intent recognition engine was trained since the last change.
    #[serde(default = "yes")]
    pub(crate) trained: bool,
    /// Whether the bot is visible to agents.
    pub(crate) agents_available: Option<bool>,
    /// Whether the bot was changed since it was last published.
    pub(crate) modified: Option<bool>,
    /// Identifier of the bot of which this is a published copy.
    pub(crate) root_id: Option<Id<Self>>,
    /// Release note of the published copy.
    pub(crate) release_note: Option<Text>,
    /// User who published the copy.
    #[oai(rename = "publishedBy")]
    #[serde(rename = "publishedBy")]
    pub(crate) published_by: Option<Text>,
    /// When the copy was published.
    #[oai(rename = "publishedAt")]
    #[serde(rename = "publishedAt")]
    pub(crate) published_at: Option<Timestamp>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Project of the bot.
    pub(crate) id_project: Id<Project>,
    /// User who created the bot.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the bot was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the bot was last updated.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// Secret that signs the tokens of the bot.
    #[oai(skip)]
    pub(crate) secret: Option<Secret>,
}

/// Fields that responses omit.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
pub(super) struct Hidden<'a> {
    pub(super) secret: Option<&'a Secret>,
}

fn internal() -> Text {
    Bot::INTERNAL.into()
}

fn english() -> Text {
    "en".into()
}

fn none() -> Text {
    "none".into()
}

fn yes() -> bool {
    true
}
