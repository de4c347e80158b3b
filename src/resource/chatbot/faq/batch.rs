//! Many faqs at once: lists of changes, and CSV.

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
    fn body<T: ParseFromJSON>(&self, bot: &Text) -> Option<T> {
        let mut body = self.intent.0.clone();
        body.insert("id_faq_kb".into(), bot.as_str().into());
        T::parse_from_json(Some(Value::Object(body))).ok()
    }

    /// What names it in a path.
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

/// Most bytes of an upload, as the reference server has it.
const MOST_BYTES: usize = 1_024_000;

pub(crate) struct FaqBatches;

#[OpenApi(tag = "Section::Chatbots")]
impl FaqBatches {
    /// Change several faqs
    ///
    /// Creates, changes and removes faqs of a bot in one call. What is not possible is left out and not told.
    #[oai(path = "/faq/ops_update", method = "post", operation_id = "bulk_update_faqs")]
    async fn operate(&self, member: Member<AdminOrProgram>, body: Body<FaqOperations>) -> Result<Reply<BatchDone>> {
        member.scope.write(|tx| operate(tx, &member.actor, &body.0)).map(|done| Reply::of(&done))
    }

    /// Upload faqs as CSV
    ///
    /// Adds one faq a row to a bot. Rows with the name or the UUID of a known one are left out.
    #[oai(path = "/faq/uploadcsv", method = "post", operation_id = "upload_faq_csv")]
    async fn upload(
        &self,
        member: Member<AdminOrProgram>,
        body: Form<FaqUpload, MOST_BYTES>,
    ) -> Result<Reply<UploadDone>> {
        member.scope.write(|tx| upload(tx, &member.actor, &body.0)).map(|done| Reply::of(&done))
    }

    /// Export faqs as CSV
    ///
    /// The faqs of a bot, or those of the whole project, oldest first.
    #[oai(path = "/faq/csv", method = "get", operation_id = "export_faq_csv")]
    async fn export(&self, member: Member<AdminOrProgram>, query: Filter<FaqExport>) -> Result<Csv> {
        let scope = &member.scope;
        Ok(Csv::Utf8(scope.read(|state| csv(state, scope.project, &query.0))))
    }
}

/// Makes each change that is possible; the others are left out, as the call does not wait for them.
fn operate(tx: &mut Tx, by: &Actor, all: &FaqOperations) -> Result<BatchDone> {
    let bot = rules::bot(tx, &all.id_faq_kb)?;
    for operation in &all.operations {
        // Each rule checks before it writes: one that fails leaves nothing behind.
        if let Some(Err(error)) = run(tx, by, &all.id_faq_kb, operation) {
            tracing::debug!(%error, kind = ?operation.kind, "left out");
        }
    }
    // Nobody is told of the bot: what changed are its faqs.
    tx.put(Bot { modified: Some(true), ..bot.value().into_owned() })?;
    Ok(BatchDone { success: true })
}

/// Nothing for a change that makes no sense.
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

/// Adds the rows whose intents the bot does not have; all of them are read before one is added.
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

/// A header row and one row a faq.
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
