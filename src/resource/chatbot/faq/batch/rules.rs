//! What must hold where many faqs are changed at once.

use ::csv::ReaderBuilder;
use serde_json::json;

use super::model::{BatchDone, FaqExport, FaqOperation, FaqOperationKind, FaqOperations, FaqUpload, UploadDone};
use crate::{
    resource::{
        chatbot::{
            faq::{
                index::reply_action,
                model::{Faq, FaqPatch, FaqRemoval, Intent, NewFaq},
                rules::{self, Known},
            },
            model::Bot,
        },
        csv,
        project::model::Project,
    },
    world::{Actor, Error, Id, Result, State, Text, Tx},
};

/// Makes each change that is possible; the others are left out, as the call does not wait for them.
pub(super) fn operate(tx: &mut Tx, by: &Actor, all: &FaqOperations) -> Result<BatchDone> {
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
pub(super) fn upload(tx: &mut Tx, by: &Actor, upload: &FaqUpload) -> Result<UploadDone> {
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
pub(super) fn csv(state: &State, project: Id<Project>, export: &FaqExport) -> Vec<u8> {
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
