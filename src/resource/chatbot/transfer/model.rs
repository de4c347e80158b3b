//! A bot as a document, and where it goes.

use poem_openapi::Object;

use crate::{
    http::DocumentUpload,
    resource::chatbot::{faq::model::Intent, model::Bot},
    world::{Error, Id, JsonObject, Text},
};

/// A bot with its intents, to be imported elsewhere.
#[derive(Object, Default)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct BotDocument {
    /// Whether fulfilment is asked for.
    pub(crate) webhook_enabled: Option<bool>,
    /// Where fulfilment is asked for.
    pub(crate) webhook_url: Option<Text>,
    /// Two-letter code of the language.
    pub(crate) language: Option<Text>,
    /// Name.
    pub(crate) name: Option<Text>,
    /// Name for addresses.
    pub(crate) slug: Option<Text>,
    /// Kind of engine.
    #[oai(rename = "type")]
    pub(crate) kind: Option<Text>,
    /// Use of a `tilebot`.
    pub(crate) subtype: Option<Text>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// The intents.
    pub(crate) intents: Option<Vec<TransferredIntent>>,
}

impl BotDocument {
    /// What it is called when it is saved.
    pub(super) fn file_name(&self) -> &'static str {
        if self.name.is_none() { "intents.json" } else { "bot.json" }
    }
}

impl TryFrom<DocumentUpload> for BotDocument {
    type Error = Error;

    fn try_from(upload: DocumentUpload) -> Result<Self, Error> {
        upload.file.json()
    }
}

/// An intent of a bot that is written elsewhere.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct TransferredIntent {
    /// The bot that it belonged to.
    pub(crate) id_faq_kb: Option<Text>,
    #[oai(flatten)]
    pub(crate) intent: Intent,
}

/// What an export holds.
#[derive(Object)]
pub(crate) struct ExportOptions {
    /// True exports the intents alone.
    #[oai(rename = "intentsOnly")]
    pub(crate) intents_only: Option<bool>,
    /// Any value keeps `attributes.globals`.
    pub(crate) globals: Option<Text>,
}

/// What an import does.
#[derive(Object)]
pub(crate) struct ImportOptions {
    /// `true` makes a new bot; the identifier in the path is then `null`.
    pub(crate) create: Option<Text>,
    /// `true` removes all intents of the bot first.
    pub(crate) replace: Option<Text>,
    /// `true` replaces intents of the same name, which are left alone otherwise.
    pub(crate) overwrite: Option<Text>,
    /// Has no effect: the document says what is imported.
    #[oai(rename = "intentsOnly")]
    pub(crate) intents_only: Option<Text>,
}

/// Which bot is copied, and where to.
#[derive(Object)]
pub(crate) struct ForkOptions {
    /// `true` copies a shared bot, of whatever project.
    pub(crate) public: Option<Text>,
    /// Project that receives the copy; the one of the path when it is missing.
    pub(crate) projectid: Option<Text>,
    /// Any value keeps `attributes.globals`.
    pub(crate) globals: Option<Text>,
    /// `true` keeps it out of the activities.
    pub(crate) for_publish: Option<Text>,
}

/// The bot that was made.
#[derive(Object)]
pub(crate) struct ForkResult {
    /// What was done.
    pub(crate) message: Text,
    /// Identifier of the new bot.
    pub(crate) bot_id: Id<Bot>,
}
