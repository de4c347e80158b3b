//! What calls send and receive.

use poem_openapi::Object;

use super::document::Faq;
use crate::{
    json_schema::{Embedded, Populate},
    resource::{chatbot::document::Bot, project::document::Project},
    value::{Id, JsonObject, Text, Timestamp, lenient::Required, patch::overwrite},
};

/// A faq as agents see it in lists.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct FaqSummary {
    /// Identifier.
    #[oai(rename = "_id")]
    id: Id<Faq>,
    /// The same as `_id`.
    #[oai(rename = "id")]
    same_id: Option<Id<Faq>>,
    /// The bot that answers it.
    id_faq_kb: Id<Bot>,
    /// Texts that ask it, one a line.
    question: Option<Text>,
    /// Text that answers it.
    answer: Option<Text>,
    /// Name of the intent.
    intent_display_name: Option<Text>,
    /// UUID of the intent.
    intent_id: Option<Text>,
    /// Topic.
    topic: Text,
    /// Two-letter code of the language.
    language: Text,
    /// Whether the bot answers it.
    enabled: bool,
    /// `live` or another.
    status: Text,
    /// Answer of another form than a text.
    reply: Option<JsonObject>,
    /// Questions that are asked back.
    form: Option<JsonObject>,
    /// Whether agents see it.
    agents_available: Option<bool>,
    /// Whether its bot was deleted softly.
    trashed: Option<bool>,
    /// When its bot was deleted softly.
    #[oai(rename = "trashedAt")]
    trashed_at: Option<Timestamp>,
    /// Project of the faq.
    id_project: Id<Project>,
}

impl FaqSummary {
    /// What agents do not see.
    pub(crate) const WITHHELD: [&str; 7] =
        ["webhook_enabled", "actions", "attributes", "createdBy", "createdAt", "updatedAt", "__v"];
}

/// What a faq says, wherever that is written.
#[derive(Object, Clone, Default)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Intent {
    /// Texts that ask it, one a line.
    pub(crate) question: Option<Text>,
    /// Text that answers it.
    pub(crate) answer: Option<Text>,
    /// Name of the intent, which no other one of the bot may have; generated when it is missing.
    pub(crate) intent_display_name: Option<Text>,
    /// UUID of the intent, which no other one of the bot may have; generated when it is missing.
    pub(crate) intent_id: Option<Text>,
    /// Whether fulfilment is asked for.
    pub(crate) webhook_enabled: Option<bool>,
    /// Whether the bot answers it.
    pub(crate) enabled: Option<bool>,
    /// Answer of another form than a text.
    pub(crate) reply: Option<JsonObject>,
    /// Questions that are asked back.
    pub(crate) form: Option<JsonObject>,
    /// Steps of the visual editor; each has a `_tdActionType`.
    pub(crate) actions: Option<Vec<JsonObject>>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
    /// Two-letter code of the language. A new faq takes that of its bot.
    pub(crate) language: Option<Text>,
}

/// A faq to be created.
#[derive(Object)]
pub(crate) struct NewFaq {
    /// Identifier of the bot that answers it.
    pub(crate) id_faq_kb: Text,
    /// Topic; `default` when it is missing.
    pub(crate) topic: Option<Text>,
    #[oai(flatten)]
    pub(crate) intent: Intent,
}

/// Changes of a faq. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct FaqPatch {
    /// Identifier of the bot that answers it.
    pub(crate) id_faq_kb: Required<Text>,
    /// Topic.
    pub(crate) topic: Option<Text>,
    /// `live` or another.
    pub(crate) status: Option<Text>,
    /// Whether agents see it.
    pub(crate) agents_available: Option<bool>,
    #[oai(flatten)]
    pub(crate) intent: Intent,
}

/// Which faqs a list shows.
#[derive(Object)]
pub(crate) struct FaqFilter {
    /// Only faqs of the bot with this identifier.
    pub(crate) id_faq_kb: Option<Text>,
    /// Only faqs that match a text search over `question`: any of the words, every `"phrase"`, and none of the `-excluded` words or
    /// phrases. Case and accents are ignored. Those
    /// with most of the words come first.
    pub(crate) text: Option<Text>,
    /// Only the faq of this name.
    pub(crate) intent_display_name: Option<Text>,
    /// Page of results, counted from 0.
    pub(crate) page: Option<u32>,
    /// Maximum page size (default 3000); 0 lists everything.
    pub(crate) limit: Option<u32>,
}

/// How a faq is found that is to be deleted.
#[derive(Object)]
pub(crate) struct FaqRemoval {
    /// Identifier of the bot, needed where the faq is named by its `intent_id`.
    pub(crate) id_faq_kb: Option<Text>,
}

impl Populate for Faq {
    const NAME: &'static str = "PopulatedFaq";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Vec<Bot>>("faq_kb", "The bot that answers it, as a list of one."),
            Embedded::new::<u64>("score", "How well it fits the question that was asked."),
        ]
    }
}

impl Faq {
    /// Takes over what is given.
    pub(crate) fn apply(&mut self, new: Intent) {
        overwrite(&mut self.question, new.question);
        overwrite(&mut self.answer, new.answer);
        overwrite(&mut self.intent_display_name, new.intent_display_name);
        overwrite(&mut self.intent_id, new.intent_id);
        overwrite(&mut self.reply, new.reply);
        overwrite(&mut self.form, new.form);
        overwrite(&mut self.attributes, new.attributes);
        self.webhook_enabled = new.webhook_enabled.unwrap_or(self.webhook_enabled);
        self.enabled = new.enabled.unwrap_or(self.enabled);
        if let Some(actions) = new.actions {
            self.actions = actions;
        }
        if let Some(language) = new.language {
            self.language = language;
        }
    }

    /// What it says, to be written elsewhere.
    pub(crate) fn intent(&self) -> Intent {
        Intent {
            question: self.question.clone(),
            answer: self.answer.clone(),
            intent_display_name: self.intent_display_name.clone(),
            intent_id: self.intent_id.clone(),
            webhook_enabled: Some(self.webhook_enabled),
            enabled: Some(self.enabled),
            reply: self.reply.clone(),
            form: self.form.clone(),
            actions: Some(self.actions.clone()),
            attributes: self.attributes.clone(),
            language: Some(self.language.clone()),
        }
    }
}
