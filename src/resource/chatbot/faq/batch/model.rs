//! What is sent to change many faqs at once.

use poem_openapi::{Enum, Object, types::ParseFromJSON};
use serde_json::Value;

use crate::{
    http::File,
    resource::chatbot::faq::model::Faq,
    world::{Given, JsonObject, Text},
};

/// Changes of the faqs of a bot.
#[derive(Object)]
pub(crate) struct FaqOperations {
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
    /// The changes, in their order. One that is not possible is left out.
    pub(crate) operations: Vec<FaqOperation>,
}

/// One change.
#[derive(Object)]
pub(crate) struct FaqOperation {
    /// What is done.
    #[oai(rename = "type")]
    pub(crate) kind: FaqOperationKind,
    /// The faq. Known ones are named by `_id` or `intent_id`.
    pub(crate) intent: JsonObject,
}

/// The kinds of changes.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[oai(rename_all = "lowercase")]
pub(crate) enum FaqOperationKind {
    /// Creates it.
    Post,
    /// Changes the fields that are given.
    Put,
    /// Merges its attributes.
    Patch,
    /// Removes it.
    Delete,
}

impl FaqOperation {
    /// The faq as the body of another operation.
    pub(super) fn body<T: ParseFromJSON>(&self, bot: &Text) -> Option<T> {
        let mut body = self.intent.0.clone();
        body.insert("id_faq_kb".into(), bot.as_str().into());
        T::parse_from_json(Some(Value::Object(body))).ok()
    }

    /// What names it in a path.
    pub(super) fn id(&self) -> Option<Given<Faq>> {
        let text = |name| self.intent.0.get(name).and_then(Value::as_str);
        let id = text("_id").map(str::to_owned);
        let id = id.or_else(|| text("intent_id").map(|id| format!("intentId{id}")))?;
        Some(Given::new(id))
    }

    pub(super) fn attributes(&self) -> Option<JsonObject> {
        self.intent.0.get("attributes")?.as_object().cloned().map(JsonObject)
    }
}

/// What a batch of changes answers.
#[derive(Object)]
pub(crate) struct BatchDone {
    /// Always true.
    pub(crate) success: bool,
}

/// Faqs in CSV.
#[derive(Object)]
pub(crate) struct FaqUpload {
    /// Rows without a header: question, answer, UUID of the intent, its name, and whether fulfilment is asked for. Columns
    /// at the end may be missing.
    #[oai(rename = "uploadFile")]
    pub(crate) file: File,
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
    /// What stands between the columns; `;` when it is missing.
    pub(crate) delimiter: Option<Text>,
}

/// What an upload answers.
#[derive(Object)]
pub(crate) struct UploadDone {
    /// Always true.
    pub(crate) success: bool,
    /// `CSV Parsed`.
    pub(crate) msg: Text,
}

/// Which faqs an export holds.
#[derive(Object)]
pub(crate) struct FaqExport {
    /// Only faqs of the bot with this identifier.
    pub(crate) id_faq_kb: Option<Text>,
}
