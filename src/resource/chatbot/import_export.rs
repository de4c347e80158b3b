//! Export and import of bots as documents, and copies in other projects.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};

use super::{
    Section,
    document::Bot,
    faq::{
        rules::{self as faq, Known},
        schema::Intent,
    },
    rules::{Log, add, missing, save},
};
use crate::{
    http::{Admin, Attachment, DocumentUpload, Filter, FormOr, Member, Path, Reply, respond},
    identity::{Actor, authenticate},
    resource::project::document::Project,
    state::{ProjectScope, State, Tx, event::EventName},
    store::Doc,
    value::{
        Error, Id, JsonObject, RawId, Result, Role, Text,
        error::{ErrorBody, ErrorKind},
    },
};

/// A portable document of a bot with its intents.
#[derive(Object, Default)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct BotDocument {
    /// Whether the fulfillment webhook is enabled.
    pub(crate) webhook_enabled: Option<bool>,
    /// URL of the fulfillment webhook.
    pub(crate) webhook_url: Option<Text>,
    /// Two-letter language code.
    pub(crate) language: Option<Text>,
    /// Name.
    pub(crate) name: Option<Text>,
    /// URL slug, unique within the project.
    pub(crate) slug: Option<Text>,
    /// Kind of engine: `internal`, `external`, `tilebot`, `dialogflow`, `rasa`, or `identity`.
    #[oai(rename = "type")]
    pub(crate) kind: Option<Text>,
    /// Purpose of a `tilebot`: `chatbot`, `webhook`, `copilot`, `voice`, or `voice_twilio`.
    pub(crate) subtype: Option<Text>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Intents.
    pub(crate) intents: Option<Vec<TransferredIntent>>,
}

impl BotDocument {
    /// The suggested file name.
    fn file_name(&self) -> &'static str {
        if self.name.is_none() { "intents.json" } else { "bot.json" }
    }
}

impl TryFrom<DocumentUpload> for BotDocument {
    type Error = Error;

    fn try_from(upload: DocumentUpload) -> Result<Self, Error> {
        upload.file.json()
    }
}

/// An intent in a portable document.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct TransferredIntent {
    /// Identifier of the original bot.
    pub(crate) id_faq_kb: Option<Text>,
    #[oai(flatten)]
    pub(crate) intent: Intent,
}

/// Options for exporting a bot.
#[derive(Object)]
pub(crate) struct ExportOptions {
    /// `true` exports only the intents.
    #[oai(rename = "intentsOnly")]
    pub(crate) intents_only: Option<bool>,
    /// Any value includes `attributes.globals`.
    pub(crate) globals: Option<Text>,
}

/// Options for importing a bot.
#[derive(Object)]
pub(crate) struct ImportOptions {
    /// `true` creates a new bot; the identifier in the path is then `null`.
    pub(crate) create: Option<Text>,
    /// `true` deletes all intents of the bot first.
    pub(crate) replace: Option<Text>,
    /// `true` overwrites intents that the bot already has; by default, they keep their content.
    pub(crate) overwrite: Option<Text>,
    /// Has no effect: the document determines what is imported.
    #[oai(rename = "intentsOnly")]
    pub(crate) intents_only: Option<Text>,
}

/// Options for copying a bot.
#[derive(Object)]
pub(crate) struct ForkOptions {
    /// `true` copies only a shared bot, from any project.
    pub(crate) public: Option<Text>,
    /// Identifier of the target project (default the project of the path).
    pub(crate) projectid: Option<Text>,
    /// Any value includes `attributes.globals`.
    pub(crate) globals: Option<Text>,
    /// `true` keeps the action out of the activity log.
    pub(crate) for_publish: Option<Text>,
}

/// The result of copying or publishing a bot.
#[derive(Object)]
pub(crate) struct ForkResult {
    /// Human-readable message.
    pub(crate) message: Text,
    /// Identifier of the new bot.
    pub(crate) bot_id: Id<Bot>,
}

pub(crate) struct BotTransfers;

#[OpenApi(tag = "Section::Chatbots")]
impl BotTransfers {
    /// Export a bot
    ///
    /// Exports a bot with its intents, or only the intents, as a document that can be imported. Shared bots of other
    /// projects can be exported, too; other bots of other projects return 403.
    ///
    /// Returns the document as a file attachment.
    #[oai(path = "/bots/exportjson/:bot_id", method = "get", operation_id = "export_bot_json")]
    async fn export(
        &self,
        member: Member<Admin>,
        bot_id: Path<RawId<Bot>>,
        query: Filter<ExportOptions>,
    ) -> Result<Attachment<Reply<BotDocument>>> {
        let scope = &member.scope;
        let document = scope.read(|state| export(state, scope.project, &bot_id, &query.0))?;
        Ok(Attachment { name: document.file_name().into(), answer: Reply::of(&document) })
    }

    /// Import a bot
    ///
    /// Imports a document into a bot, or creates a bot from it with `create`. The document is the body, or the file
    /// `uploadFile` of a form. Empty and `false` values of the document leave an existing bot unchanged. Creating a bot
    /// from a document without a name returns 400.
    ///
    /// Returns the updated or created bot.
    #[oai(path = "/bots/importjson/:bot_id", method = "post", operation_id = "import_bot_json")]
    async fn import(
        &self,
        member: Member<Admin>,
        /// Identifier of the bot, or `null` to create one.
        bot_id: Path<RawId<Bot>>,
        query: Filter<ImportOptions>,
        body: FormOr<DocumentUpload, BotDocument>,
    ) -> Result<Reply<Bot>> {
        respond::reply(member.scope.write(|tx| import(tx, &member.actor, &bot_id, &query.0, body.0)))
    }

    /// Copy a bot
    ///
    /// Copies a bot of the project, or a shared one, with its intents to a project in which the caller is an
    /// administrator (otherwise 403).
    ///
    /// Returns the identifier of the new bot.
    #[oai(path = "/bots/fork/:bot_id", method = "post", operation_id = "fork_bot")]
    async fn fork(
        &self,
        member: Member<Admin>,
        bot_id: Path<RawId<Bot>>,
        query: Filter<ForkOptions>,
    ) -> Result<Reply<ForkResult>> {
        fork(&member.scope, &member.actor, &bot_id, &query.0).map(|result| Reply::of(&result))
    }
}

/// Whether a document includes `attributes.globals`, the values that a bot keeps across conversations.
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

fn export(state: &State, project: Id<Project>, id: &RawId<Bot>, options: &ExportOptions) -> Result<BotDocument> {
    let unknown = || Error::not_found(ErrorBody::msg(format!("Chatbot not found with id {id}").into()));
    let bot = state.find(None, id).ok_or_else(unknown)?.value();
    if bot.id_project != project && !bot.public {
        return Err(Error::forbidden(ErrorBody::msg(missing(project, id))));
    }
    let whole = document(state, &bot, Globals::of(options.globals.as_ref()));
    Ok(match options.intents_only {
        Some(true) => BotDocument { intents: whole.intents, ..BotDocument::default() },
        _ => whole,
    })
}

/// The portable document of a bot with its intents.
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

/// Copies a bot: creates a bot from the document.
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

/// Creates a bot in this project from a document.
fn make(tx: &mut Tx, by: &Actor, document: BotDocument, log: Log) -> Result<Arc<Doc<Bot>>> {
    let Some(name) = document.name.filter(|name| !name.is_empty()) else {
        let error = json!({
            "succes": false, // sic
            "message": "Error creatings new chatbot", // sic
            "error": "Error saving object.",
        });
        return Err(Error::new(ErrorKind::Malformed, ErrorBody::Own(error)));
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

/// Rules refer to their bot: replaces the first participant of each rule with the new bot.
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

fn import(
    tx: &mut Tx,
    by: &Actor,
    id: &RawId<Bot>,
    options: &ImportOptions,
    document: BotDocument,
) -> Result<Arc<Doc<Bot>>> {
    if is_true(options.create.as_ref()) {
        let bot = make(tx, by, document, Log::Activity)?;
        // The second `faqBot.create`, as on the reference server.
        tx.emit(EventName::BotCreate, &bot);
        return Ok(bot);
    }
    let mut bot = tx.get(id).map_err(|_| Error::not_found(ErrorBody::message(missing(tx.project(), id))))?;
    let known = if is_true(options.overwrite.as_ref()) { Known::Overwritten } else { Known::Kept };
    if is_true(options.replace.as_ref()) {
        faq::remove_all(tx, bot.id)?;
    }
    let text = |new: Option<Text>| new.filter(|text| !text.is_empty());
    // Empty and `false` values change nothing.
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

/// Copies a bot to a project in which the caller can create bots.
//
// Departs: Copying a bot that does not exist returns 404, and copying to a project where the caller cannot create bots
// returns 403; the reference server fails with 500.
fn fork(scope: &ProjectScope, by: &Actor, id: &RawId<Bot>, options: &ForkOptions) -> Result<ForkResult> {
    let unknown = || Error::not_found(ErrorBody::error("Unable to get chatbot to be forked".into()));
    let source = scope.read(|state| {
        let bot = state.find(None, id).map(|bot| bot.value().into_owned());
        let own = !is_true(options.public.as_ref());
        let bot = bot.filter(|bot| bot.public || (own && bot.id_project == scope.project)).ok_or_else(unknown)?;
        Ok(document(state, &bot, Globals::of(options.globals.as_ref())))
    })?;
    let receiver = ProjectScope { project: receiver(scope, by, options.projectid.as_ref())?, ..scope.clone() };
    let log = if is_true(options.for_publish.as_ref()) { Log::Nothing } else { Log::Activity };
    let copy = receiver.write(|tx| copy(tx, by, source, log))?;
    Ok(ForkResult { message: "Chatbot forked successfully".into(), bot_id: copy.value().id })
}

fn receiver(scope: &ProjectScope, by: &Actor, id: Option<&Text>) -> Result<Id<Project>> {
    let Some(id) = id else { return Ok(scope.project) };
    let words = || ErrorBody::message("An error occurred during chatbot creation".into());
    let project = Id::<Project>::parse(id);
    scope.read(|state| {
        let project = project.filter(|project| authenticate::is_active(state, *project));
        let project = project.ok_or_else(|| Error::not_found(words()))?;
        match authenticate::membership(state, project, &by.caller) {
            Ok(member) if member.value().role >= Role::Admin => Ok(project),
            _ => Err(Error::forbidden(words())),
        }
    })
}
