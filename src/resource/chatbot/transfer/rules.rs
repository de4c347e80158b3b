//! What must hold where bots are exported, imported and copied.

use std::sync::Arc;

use serde_json::{Value, json};

use super::model::{BotDocument, ExportOptions, ForkOptions, ForkResult, ImportOptions, TransferredIntent};
use crate::{
    resource::{
        chatbot::{
            faq::rules::{self as faq, Known},
            model::Bot,
            rules::{Log, add, missing, save},
        },
        project::model::Project,
    },
    store::Doc,
    world::{
        Actor, Error, Given, Id, JsonObject, Result, Role, Scope, State, Text, Tx, access,
        error::{Kind, Words},
        event::EventName,
    },
};

/// Whether an export holds what the bot remembers across conversations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::resource::chatbot) enum Globals {
    Kept,
    LeftOut,
}

impl Globals {
    fn of(option: Option<&Text>) -> Self {
        if option.is_some() { Self::Kept } else { Self::LeftOut }
    }
}

fn is_true(option: Option<&Text>) -> bool {
    option.is_some_and(|text| text.as_str() == "true")
}

pub(super) fn export(
    state: &State,
    project: Id<Project>,
    id: &Given<Bot>,
    options: &ExportOptions,
) -> Result<BotDocument> {
    let unknown = || Error::not_found(Words::Msg(format!("Chatbot not found with id {id}").into()));
    let bot = state.find(None, id).ok_or_else(unknown)?.value();
    if bot.id_project != project && !bot.public {
        return Err(Error::forbidden(Words::Msg(missing(project, id))));
    }
    let whole = document(state, &bot, Globals::of(options.globals.as_ref()));
    Ok(match options.intents_only {
        Some(true) => BotDocument { intents: whole.intents, ..BotDocument::default() },
        _ => whole,
    })
}

/// A bot with its intents.
pub(in crate::resource::chatbot) fn document(state: &State, bot: &Bot, globals: Globals) -> BotDocument {
    let intents = faq::of_bot(state, bot.id)
        .into_iter()
        .map(|faq| TransferredIntent { id_faq_kb: Some(bot.id.to_string().into()), intent: faq.value().intent() });
    let attributes = bot.attributes.clone().map(|mut attributes| {
        if globals == Globals::LeftOut {
            attributes.0.shift_remove("globals");
        }
        attributes
    });
    BotDocument {
        webhook_enabled: Some(bot.webhook_enabled),
        webhook_url: bot.webhook_url.clone(),
        language: Some(bot.language.clone()),
        name: Some(bot.name.clone()),
        slug: bot.slug.clone(),
        kind: Some(bot.kind.clone()),
        subtype: bot.subtype.clone(),
        description: bot.description.clone(),
        attributes,
        intents: Some(intents.collect()),
    }
}

/// Makes a copy of a bot from its document: a new bot that imports the document.
pub(in crate::resource::chatbot) fn copy(
    tx: &mut Tx,
    by: &Actor,
    document: BotDocument,
    log: Log,
) -> Result<Arc<Doc<Bot>>> {
    let id = make(tx, by, document, log)?.value().id;
    let copy = tx.by_id(id)?;
    save(tx, copy)
}

/// Makes a bot of this project from a document.
fn make(tx: &mut Tx, by: &Actor, document: BotDocument, log: Log) -> Result<Arc<Doc<Bot>>> {
    let Some(name) = document.name.filter(|name| !name.is_empty()) else {
        let error = json!({
            "succes": false,
            "message": "Error creatings new chatbot",
            "error": "Error saving object.",
        });
        return Err(Error::new(Kind::Malformed, Words::Own(error)));
    };
    let known = Bot::new(tx.new_id(), name, tx.project(), by.id(), tx.now());
    let bot = Bot {
        slug: document.slug,
        description: document.description,
        kind: document.kind.unwrap_or(known.kind),
        subtype: document.subtype,
        language: document.language.unwrap_or(known.language),
        webhook_enabled: document.webhook_enabled.unwrap_or(known.webhook_enabled),
        webhook_url: document.webhook_url,
        attributes: document.attributes.map(|attributes| own_rules(attributes, known.id)),
        ..known
    };
    let bot = add(tx, by, bot, log)?;
    take_intents(tx, by, &bot.value(), document.intents, Known::Kept)?;
    Ok(bot)
}

/// The rules of a bot name it: the first participant of each becomes the new bot.
fn own_rules(mut attributes: JsonObject, bot: Id<Bot>) -> JsonObject {
    fn first_participant(value: &mut Value) -> Option<&mut Value> {
        match value {
            Value::Object(object) => {
                if object.get("participants").is_some_and(|all| all.as_array().is_some_and(|all| !all.is_empty())) {
                    return object.get_mut("participants")?.as_array_mut()?.first_mut();
                }
                object.values_mut().find_map(first_participant)
            }
            Value::Array(items) => items.iter_mut().find_map(first_participant),
            _ => None,
        }
    }

    for rule in attributes.0.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(participant) = first_participant(rule) {
            *participant = json!(format!("bot_{bot}"));
        }
    }
    attributes
}

fn take_intents(
    tx: &mut Tx,
    by: &Actor,
    bot: &Bot,
    intents: Option<Vec<TransferredIntent>>,
    known: Known,
) -> Result<()> {
    let mut intents = intents.into_iter().flatten();
    intents.try_for_each(|TransferredIntent { intent, .. }| faq::import(tx, by.id(), bot, intent, known))
}

pub(super) fn import(
    tx: &mut Tx,
    by: &Actor,
    id: &Given<Bot>,
    options: &ImportOptions,
    document: BotDocument,
) -> Result<Arc<Doc<Bot>>> {
    if is_true(options.create.as_ref()) {
        let bot = make(tx, by, document, Log::Activity)?;
        // The second time, as in the reference server.
        tx.emit(EventName::BotCreate, &bot);
        return Ok(bot);
    }
    let mut bot = tx.get(id).map_err(|_| Error::not_found(Words::Message(missing(tx.project(), id))))?;
    let known = if is_true(options.overwrite.as_ref()) { Known::Overwritten } else { Known::Kept };
    if is_true(options.replace.as_ref()) {
        faq::remove_all(tx, bot.id)?;
    }
    let text = |new: Option<Text>| new.filter(|text| !text.is_empty());
    // What is empty or false changes nothing.
    bot.webhook_enabled |= document.webhook_enabled == Some(true);
    bot.webhook_url = text(document.webhook_url).or(bot.webhook_url);
    bot.language = text(document.language).unwrap_or(bot.language);
    bot.name = text(document.name).unwrap_or(bot.name);
    bot.description = text(document.description).or(bot.description);
    let has_rules =
        |new: &JsonObject| new.0.get("rules").and_then(Value::as_array).is_some_and(|rules| !rules.is_empty());
    bot.attributes = document.attributes.filter(has_rules).or(bot.attributes);
    take_intents(tx, by, &bot, document.intents, known)?;
    save(tx, bot)
}

/// Copies a bot into a project to which the caller may add one.
//
// Departs: a bot that is not there to be copied is 404, and a project to which the caller may add none is 403; the reference
// server fails with 500.
pub(super) fn fork(scope: &Scope, by: &Actor, id: &Given<Bot>, options: &ForkOptions) -> Result<ForkResult> {
    let unknown = || Error::not_found(Words::Error("Unable to get chatbot to be forked".into()));
    let source = scope.read(|state| {
        let bot = state.find(None, id).map(|bot| bot.value().into_owned());
        let own = !is_true(options.public.as_ref());
        let bot = bot.filter(|bot| bot.public || (own && bot.id_project == scope.project)).ok_or_else(unknown)?;
        Ok(document(state, &bot, Globals::of(options.globals.as_ref())))
    })?;
    let receiver = Scope { project: receiver(scope, by, options.projectid.as_ref())?, ..scope.clone() };
    let log = if is_true(options.for_publish.as_ref()) { Log::Nothing } else { Log::Activity };
    let copy = receiver.write(|tx| copy(tx, by, source, log))?;
    Ok(ForkResult { message: "Chatbot forked successfully".into(), bot_id: copy.value().id })
}

fn receiver(scope: &Scope, by: &Actor, id: Option<&Text>) -> Result<Id<Project>> {
    let Some(id) = id else { return Ok(scope.project) };
    let words = || Words::Message("An error occurred during chatbot creation".into());
    let project = Id::<Project>::parse(id);
    scope.read(|state| {
        let project = project.filter(|project| access::is_active(state, *project));
        let project = project.ok_or_else(|| Error::not_found(words()))?;
        match access::membership(state, project, &by.caller) {
            Ok(member) if member.value().role >= Role::Admin => Ok(project),
            _ => Err(Error::forbidden(words())),
        }
    })
}
