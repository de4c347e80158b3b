//! The bot document.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::project::model::Project,
    store::{Document, Terms, Whole, render},
    world::{Entity, Id, JsonObject, Text, Timestamp, value::Secret},
};

/// A chatbot.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bot {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name.
    pub(crate) name: Text,
    /// Kind of engine: `internal`, `external`, `tilebot`, `dialogflow`, `rasa` or `identity`.
    #[oai(rename = "type")]
    #[serde(rename = "type", default = "internal")]
    pub(crate) kind: Text,
    /// Whether it is an external bot. Older answers show it.
    pub(crate) external: Option<bool>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Where an external bot is told of messages.
    pub(crate) url: Option<Text>,
    /// Where fulfilment is asked for.
    pub(crate) webhook_url: Option<Text>,
    /// Whether fulfilment is asked for.
    #[serde(default)]
    pub(crate) webhook_enabled: bool,
    /// Two-letter code of the language.
    #[serde(default = "english")]
    pub(crate) language: Text,
    /// Whether the bot was deleted softly.
    #[serde(default)]
    pub(crate) trashed: bool,
    /// Whether the bot is shared.
    #[serde(default)]
    pub(crate) public: bool,
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
    /// When the bot was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// Signs the tokens of the bot.
    #[oai(skip)]
    pub(crate) secret: Option<Secret>,
}

/// The last field: a secret.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Hidden<'a> {
    secret: Option<&'a Secret>,
}

fn internal() -> Text {
    "internal".into()
}

fn english() -> Text {
    "en".into()
}

impl Document for Bot {
    type Id = Id<Self>;
    type Kept = Whole<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn position(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add("project", (self.id_project, self.trashed));
    }

    fn hidden(&self) -> Vec<u8> {
        render(&Hidden { secret: self.secret.as_ref() })
    }
}

impl Entity for Bot {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
