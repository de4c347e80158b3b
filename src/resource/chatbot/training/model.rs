//! What is asked of bots and of their trainers.

use poem_openapi::Object;

use crate::{
    http::Populated,
    resource::chatbot::faq::model::Faq,
    world::{JsonObject, Text, value::Nullable},
};

/// A question to a bot.
#[derive(Object)]
pub(crate) struct Question {
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
    /// Text of the question.
    pub(crate) question: Option<Text>,
}

/// What fits a question.
#[derive(Object)]
pub(crate) struct Hits {
    /// The faqs that fit, the best first.
    pub(crate) hits: Vec<Populated<Faq>>,
}

/// A bot to be trained.
#[derive(Object)]
pub(crate) struct Trainee {
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
}

/// A bot whose recognition is to be trained.
#[derive(Object)]
pub(crate) struct AiTrainee {
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
    /// Has no effect: nothing is queued.
    pub(crate) webhook_enabled: Option<bool>,
}

/// What became of a wish to train.
#[derive(Object)]
pub(crate) struct AiTraining {
    /// Always true.
    pub(crate) success: bool,
    /// Always `Trained not started`.
    pub(crate) message: Text,
    /// Why.
    pub(crate) reason: Text,
}

/// What a trainer is given.
#[derive(Object)]
pub(crate) struct Training {
    /// The examples of all intents.
    pub(crate) train: Lesson,
    /// Always null: no trainer is asked.
    #[oai(rename = "httpResponse")]
    pub(crate) http_response: Nullable<JsonObject>,
}

/// The examples of all intents of a bot.
#[derive(Object)]
pub(crate) struct Lesson {
    /// Two-letter code of the language.
    pub(crate) language: Text,
    /// The intents.
    pub(crate) nlu: Vec<IntentExamples>,
}

/// The examples of an intent.
#[derive(Object)]
pub(crate) struct IntentExamples {
    /// Name of the intent.
    pub(crate) intent: Text,
    /// Texts that ask it.
    pub(crate) examples: Vec<Text>,
}
