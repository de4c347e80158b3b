//! Bulk operations on FAQs, CSV import, and CSV export.

use ::csv::ReaderBuilder;
use poem_openapi::{Enum, Object, OpenApi, types::ParseFromJSON};
use serde_json::{Value, json};

use super::{
    document::Faq,
    index::reply_action,
    rules::{self, Known},
    schema::{FaqPatch, FaqRemoval, Intent, NewFaq},
};
use crate::{
    http::{AdminOrProgram, Body, Csv, File, Filter, Form, Member, Reply},
    identity::Actor,
    render::csv,
    resource::{
        chatbot::{Section, document::Bot},
        project::document::Project,
    },
    state::{State, Tx},
    value::{Error, Id, JsonObject, RawId, Result, Text},
};

/// Bulk operations on the FAQs of a bot.
#[derive(Object)]
pub(crate) struct FaqOperations {
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
    /// Operations, applied in order. Those that cannot be applied are skipped.
    pub(crate) operations: Vec<FaqOperation>,
}

/// One bulk operation.
#[derive(Object)]
pub(crate) struct FaqOperation {
    /// Kind of operation.
    #[oai(rename = "type")]
    pub(crate) kind: FaqOperationKind,
    /// FAQ. Existing ones are identified by `_id` or `intent_id`.
    pub(crate) intent: JsonObject,
}

/// Kind of bulk operation.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[oai(rename_all = "lowercase")]
pub(crate) enum FaqOperationKind {
    /// Create the FAQ.
    Post,
    /// Update the given fields.
    Put,
    /// Merge the attributes.
    Patch,
    /// Delete the FAQ.
    Delete,
}

impl FaqOperation {
    /// The FAQ as the body of a single operation.
    fn body<T: ParseFromJSON>(&self, bot: &Text) -> Option<T> {
        let mut body = self.intent.0.clone();
        body.insert("id_faq_kb".into(), bot.as_str().into());
        T::parse_from_json(Some(Value::Object(body))).ok()
    }

    /// The identifier as in a path.
    fn id(&self) -> Option<RawId<Faq>> {
        let text = |name| self.intent.0.get(name).and_then(Value::as_str);
        let id = text("_id").map(str::to_owned);
        let id = id.or_else(|| text("intent_id").map(|id| format!("intentId{id}")))?;
        Some(RawId::new(id))
    }

    fn attributes(&self) -> Option<JsonObject> {
        self.intent.0.get("attributes")?.as_object().cloned().map(JsonObject)
    }
}

/// The result of bulk operations.
#[derive(Object)]
pub(crate) struct BatchDone {
    /// Always `true`.
    pub(crate) success: bool,
}

/// A CSV file with FAQs.
#[derive(Object)]
pub(crate) struct FaqUpload {
    /// CSV without a header row. Columns: question, answer, UUID of the intent, name of the intent, and whether the
    /// fulfillment webhook is enabled (`true`). Trailing columns can be omitted.
    #[oai(rename = "uploadFile")]
    pub(crate) file: File,
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
    /// Column separator, one character (default `;`).
    pub(crate) delimiter: Option<Text>,
}

/// The result of a CSV import.
#[derive(Object)]
pub(crate) struct UploadDone {
    /// Always `true`.
    pub(crate) success: bool,
    /// Always `CSV Parsed`.
    pub(crate) msg: Text,
}

/// Filters for a CSV export.
#[derive(Object)]
pub(crate) struct FaqExport {
    /// Only FAQs of the bot with this identifier.
    pub(crate) id_faq_kb: Option<Text>,
}

/// Maximum size of an upload in bytes, as on the reference server.
const MOST_BYTES: usize = 1_024_000;

pub(crate) struct FaqBatches;

#[OpenApi(tag = "Section::Chatbots")]
impl FaqBatches {
    /// Update FAQs in bulk
    ///
    /// Creates, updates, and deletes FAQs of a bot in one call, and emits the events of the single operations.
    /// Operations that cannot be applied are skipped without an error. The project's bots and subscriptions can also
    /// call this operation.
    ///
    /// Returns `success: true`, even if operations were skipped.
    #[oai(path = "/faq/ops_update", method = "post", operation_id = "bulk_update_faqs")]
    async fn operate(&self, member: Member<AdminOrProgram>, body: Body<FaqOperations>) -> Result<Reply<BatchDone>> {
        member.scope.write(|tx| operate(tx, &member.actor, &body.0)).map(|done| Reply::of(&done))
    }

    /// Import FAQs from CSV
    ///
    /// Adds one FAQ per row to a bot and emits `faq.create` for each. The file can have up to 1,024,000 bytes. Rows
    /// without a question, and rows with the name or UUID of an existing FAQ, are skipped. A file that cannot be parsed
    /// returns 200 with `success: false`. The project's bots and subscriptions can also call this operation.
    ///
    /// Returns a confirmation.
    #[oai(path = "/faq/uploadcsv", method = "post", operation_id = "upload_faq_csv")]
    async fn upload(
        &self,
        member: Member<AdminOrProgram>,
        body: Form<FaqUpload, MOST_BYTES>,
    ) -> Result<Reply<UploadDone>> {
        member.scope.write(|tx| upload(tx, &member.actor, &body.0)).map(|done| Reply::of(&done))
    }

    /// Export FAQs as CSV
    ///
    /// Exports the FAQs of a bot or of the whole project. The project's bots and subscriptions can also call this
    /// operation.
    ///
    /// Returns the FAQs, oldest first, as semicolon-separated CSV with a header row.
    #[oai(path = "/faq/csv", method = "get", operation_id = "export_faq_csv")]
    async fn export(&self, member: Member<AdminOrProgram>, query: Filter<FaqExport>) -> Result<Csv> {
        let scope = &member.scope;
        Ok(Csv::Utf8(scope.read(|state| csv(state, scope.project, &query.0))))
    }
}

/// Applies each operation that can be applied and skips the others, because the reference server does not wait for
/// them.
fn operate(tx: &mut Tx, by: &Actor, all: &FaqOperations) -> Result<BatchDone> {
    let bot = rules::bot(tx, &all.id_faq_kb)?;
    for operation in &all.operations {
        // Every rule checks before it writes, so a failed operation has changed nothing.
        if let Some(Err(error)) = run(tx, by, &all.id_faq_kb, operation) {
            tracing::debug!(%error, kind = ?operation.kind, "skipped a bulk operation");
        }
    }
    // No event for the bot: only its FAQs changed.
    tx.put(Bot { modified: Some(true), ..bot.value().into_owned() })?;
    Ok(BatchDone { success: true })
}

/// `None` if the operation is malformed.
fn run(tx: &mut Tx, by: &Actor, bot: &Text, operation: &FaqOperation) -> Option<Result<()>> {
    Some(match operation.kind {
        FaqOperationKind::Post => rules::create(tx, by, operation.body::<NewFaq>(bot)?).map(drop),
        FaqOperationKind::Put => rules::update(tx, &operation.id()?, operation.body::<FaqPatch>(bot)?).map(drop),
        FaqOperationKind::Patch => {
            let bot = Id::parse(bot)?;
            rules::merge_attributes(tx, &operation.id()?, Some(bot), operation.attributes()?).map(drop)
        }
        FaqOperationKind::Delete => {
            rules::delete(tx, &operation.id()?, &FaqRemoval { id_faq_kb: Some(bot.clone()) }).map(drop)
        }
    })
}

/// Adds the rows whose intents the bot does not have. All rows are parsed before the first is added.
fn upload(tx: &mut Tx, by: &Actor, upload: &FaqUpload) -> Result<UploadDone> {
    let bot = rules::bot(tx, &upload.id_faq_kb)?;
    let unreadable = || Error::declined("Parsing error");
    let delimiter = match upload.delimiter.as_deref().unwrap_or(";").as_bytes() {
        [byte] => *byte,
        _ => return Err(unreadable()),
    };
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(upload.file.text().as_bytes());
    let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(|_| unreadable())?;
    for row in rows {
        let text = |column| row.get(column).filter(|text: &&str| !text.is_empty());
        let Some(question) = text(0) else { continue };
        let answer = text(1).unwrap_or_default();
        let mut action = reply_action(answer);
        action.0.insert("_tdActionId".into(), json!(tx.new_uuid()));
        let intent = Intent {
            question: Some(question.into()),
            actions: Some(vec![action]),
            intent_id: text(2).map(Text::from),
            intent_display_name: text(3).map(Text::from),
            webhook_enabled: text(4).map(|enabled| enabled == "true"),
            ..Intent::default()
        };
        rules::import(tx, by.id(), &bot.value(), intent, Known::Kept)?;
    }
    Ok(UploadDone { success: true, msg: "CSV Parsed".into() })
}

const CSV_COLUMNS: [&str; 5] = ["question", "answer", "intent_id", "intent_display_name", "webhook_enabled"];

/// A header row, then one row per FAQ.
fn csv(state: &State, project: Id<Project>, export: &FaqExport) -> Vec<u8> {
    let term = match &export.id_faq_kb {
        None => Some(Faq::of_project(project)),
        Some(bot) => Id::parse(bot).map(Faq::of_bot),
    };
    let faqs = term.into_iter().flat_map(|term| state.tables.faqs.with(term)).map(|faq| faq.value());
    let rows = faqs.filter(|faq| faq.id_project == project).map(|faq| {
        let texts = [&faq.question, &faq.answer, &faq.intent_id, &faq.intent_display_name];
        let texts = texts.map(|text| text.as_ref().map(Text::to_string));
        texts.into_iter().chain([Some(faq.webhook_enabled.to_string())]).collect()
    });
    csv::semicolons_of_rows(&CSV_COLUMNS, rows)
}
