//! Rules for bots.

use std::sync::Arc;

use bytes::Bytes;
use icu_normalizer::DecomposingNormalizerBorrowed;
use serde_json::{Map, Value, json};

use super::{
    document::Bot,
    faq,
    schema::{BotCreation, BotDetail, BotFilter, BotPatch, BotSummary, BotToken, NewBot},
    template,
};
use crate::{
    identity::{Actor, token},
    render,
    resource::{
        activity::{document::Verb, rules as activity},
        department::document::Department,
        project::document::Project,
    },
    state::{State, Tx, event::EventName},
    store::{Doc, TextQuery, render},
    value::{
        Error, Id, JsonObject, RawId, Result, Role, Text,
        error::{ErrorBody, ErrorKind},
        patch::overwrite,
        primitive::Secret,
    },
};

/// Whether an action is recorded in the activity log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    Activity,
    Nothing,
}

/// Loads a bot by ID.
pub(super) fn load(tx: &Tx, id: &RawId<Bot>) -> Result<Bot> {
    tx.get(id).map_err(|_| Error::not_found(ErrorBody::msg(missing(tx.project(), id))))
}

pub(super) fn missing(project: Id<Project>, id: &RawId<Bot>) -> std::borrow::Cow<'static, str> {
    format!("Chatbot not found with id {id} for project {project}").into()
}

/// The bot named in a body.
pub(super) fn named(state: &State, project: Id<Project>, id: &str) -> Option<Arc<Doc<Bot>>> {
    let bot = Id::<Bot>::parse(id).and_then(|id| state.tables.bots.get(id));
    bot.filter(|bot| bot.value().id_project == project).cloned()
}

/// Whether the caller sees only what is available to agents. Bots and subscriptions see everything.
pub(super) fn is_restricted(by: &Actor) -> bool {
    by.user().is_some() && by.role() == Role::Agent
}

/// A rendered object without some of its fields.
pub(super) fn without(json: &[u8], fields: &[&str]) -> Bytes {
    let mut object: Map<String, Value> = serde_json::from_slice(json).expect("documents are rendered objects");
    object.retain(|name, _| !fields.contains(&name.as_str()));
    render(&object).into()
}

pub(super) fn list(state: &State, by: &Actor, filter: &BotFilter) -> Bytes {
    let restricted = is_restricted(by);
    let wanted = filter.text.as_deref().map(TextQuery::parse);
    let is_wanted = |bot: &Bot| {
        let all = filter.all.as_deref() == Some("true");
        let said = || [Some(&bot.name), bot.description.as_ref()].into_iter().flatten().chain(&bot.tags);
        (all || &*bot.kind != Bot::IDENTITY)
            && filter.public.is_none_or(|public| bot.public == public)
            && filter.certified.is_none_or(|certified| bot.certified == certified)
            && wanted.as_ref().is_none_or(|wanted| wanted.matches(&said().map(Text::as_str).collect::<Vec<_>>()))
            && !(restricted && bot.agents_available == Some(false))
    };
    let project = by.membership.value().id_project;
    let bots = state.tables.bots.with(Bot::of_project(project, false)).filter(|bot| is_wanted(&bot.value()));
    let shown = bots.map(|bot| if restricted { without(bot.json(), &BotSummary::WITHHELD) } else { bot.to_json() });
    render::json::array(shown)
}

pub(super) fn get(state: &State, project: Id<Project>, id: &RawId<Bot>, query: &BotDetail) -> Result<Bytes> {
    let bot = state.find(Some(project), id).ok_or_else(|| Error::not_found(ErrorBody::msg(missing(project, id))))?;
    let department = query.departmentid.as_deref().and_then(Id::<Department>::parse);
    let department = department.and_then(|id| state.tables.departments.get(id));
    Ok(match department.filter(|department| department.value().id_project == project) {
        None => bot.to_json(),
        Some(department) => {
            let mut whole = render::json::Object::new(bot.json(), 1_000);
            whole.field("department", department.json());
            whole.end()
        }
    })
}

pub(super) fn create(tx: &mut Tx, by: &Actor, new: NewBot, query: &BotCreation) -> Result<Bytes> {
    let kind = kind(new.kind, new.external).unwrap_or_else(|| Bot::INTERNAL.into());
    let subtype = new.subtype.or_else(|| (&*kind == Bot::TILEBOT).then(|| "chatbot".into()));
    let known = Bot::new(tx.new_id(), new.name, tx.project(), by.id(), tx.now());
    let bot = Bot {
        kind,
        subtype,
        slug: new.slug,
        description: new.description,
        url: new.url,
        webhook_url: new.webhook_url,
        webhook_enabled: new.webhook_enabled.unwrap_or(known.webhook_enabled),
        language: new.language.unwrap_or(known.language),
        main_category: new.main_category,
        intents_engine: new.intents_engine.unwrap_or(known.intents_engine),
        attributes: new.attributes,
        ..known
    };
    let log = if query.skip_activity.as_deref() == Some("true") { Log::Nothing } else { Log::Activity };
    let bot = add(tx, by, bot, log)?;
    let made = bot.value();
    if made.has_intents() {
        for (intent, topic) in template::intents(tx, made.subtype.as_deref(), new.template.as_deref()) {
            faq::rules::start_with(tx, by.id(), &made, intent, Some(topic))?;
        }
    }
    Ok(reveal(&bot))
}

/// The type given in a body, in either form.
fn kind(kind: Option<Text>, external: Option<bool>) -> Option<Text> {
    kind.or_else(|| external.map(|external| if external { Bot::EXTERNAL } else { Bot::INTERNAL }.into()))
}

/// Adds the identity bot, under which the system writes, to a new project. Lists omit it by default.
pub(in crate::resource) fn add_identity(tx: &mut Tx, project: Id<Project>) -> Result<()> {
    let identity = Bot {
        kind: Bot::IDENTITY.into(),
        subtype: Some("chatbot".into()),
        slug: Some("bot".into()),
        description: Some("An identity bot".into()),
        secret: Some(Secret::new(tx.new_uuid())),
        ..Bot::new(tx.new_id(), "Bot".into(), project, "system".into(), tx.now())
    };
    let identity = tx.put(identity)?;
    tx.emit(EventName::BotCreate, &identity);
    Ok(())
}

/// Stores a new bot with a unique slug and a new secret.
pub(super) fn add(tx: &mut Tx, by: &Actor, mut bot: Bot, log: Log) -> Result<Arc<Doc<Bot>>> {
    let wanted = bot.slug.filter(|slug| !slug.is_empty()).unwrap_or_else(|| slug(&bot.name));
    bot.slug = Some(free(tx, &wanted));
    bot.secret = Some(Secret::new(tx.new_uuid()));
    let bot = tx.put(bot)?;
    tx.emit(EventName::BotCreate, &bot);
    if log == Log::Activity {
        activity::of_bot(tx, by, Verb::FaqKbCreate, &bot)?;
    }
    Ok(bot)
}

/// Stores a changed bot and emits an event.
pub(super) fn save(tx: &mut Tx, bot: Bot) -> Result<Arc<Doc<Bot>>> {
    let bot = tx.put(bot)?;
    tx.emit(EventName::BotUpdate, &bot);
    Ok(bot)
}

/// The bot with its secret.
fn reveal(bot: &Doc<Bot>) -> Bytes {
    let mut whole = render::json::Object::new(bot.json(), 60);
    if let Some(secret) = &bot.value().secret {
        whole.text("secret", secret.reveal());
    }
    whole.end()
}

/// The name in lower case, with dashes for spaces, and without accents and punctuation.
fn slug(name: &str) -> Text {
    let plain = DecomposingNormalizerBorrowed::new_nfd().normalize(name).to_lowercase();
    let words = plain.split(|c: char| c.is_whitespace() || matches!(c, '_' | '-'));
    let words = words.map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>());
    let slug = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "bot".into() } else { slug.into() }
}

/// The wanted slug, followed by a number if another bot has it.
fn free(tx: &Tx, wanted: &Text) -> Text {
    let project = tx.project();
    let is_free = |slug: &Text| tx.state().tables.bots.find(Bot::by_slug(project, slug)).is_none();
    let numbered = (1..).map(|number| Text::from(format!("{wanted}-{number}")));
    let mut candidates = std::iter::once(wanted.clone()).chain(numbered);
    candidates.find(is_free).expect("numbered slugs are endless, bots are not")
}

pub(super) fn update(tx: &mut Tx, by: &Actor, id: &RawId<Bot>, patch: BotPatch) -> Result<Arc<Doc<Bot>>> {
    let mut bot = load(tx, id)?;
    // Departs: A bot keeps its name when `null` is sent; the reference server removes the name.
    bot.name = patch.name.unwrap_or(bot.name);
    if let Some(kind) = patch.kind {
        bot.kind = kind;
    } else if let Some(external) = patch.external.filter(|external| *external != (&*bot.kind == Bot::EXTERNAL)) {
        bot.kind = if external { Bot::EXTERNAL } else { Bot::INTERNAL }.into();
    }
    bot.language = patch.language.unwrap_or(bot.language);
    bot.webhook_enabled = patch.webhook_enabled.unwrap_or(bot.webhook_enabled);
    bot.public = patch.public.unwrap_or(bot.public);
    bot.certified = patch.certified.unwrap_or(bot.certified);
    bot.certified_tags = patch.certified_tags.unwrap_or(bot.certified_tags);
    bot.intents_engine = patch.intents_engine.unwrap_or(bot.intents_engine);
    bot.tags = patch.tags.unwrap_or(bot.tags);
    bot.trained = patch.trained.unwrap_or(bot.trained);
    overwrite(&mut bot.url, patch.url);
    overwrite(&mut bot.description, patch.description);
    overwrite(&mut bot.webhook_url, patch.webhook_url);
    overwrite(&mut bot.main_category, patch.main_category);
    overwrite(&mut bot.title, patch.title);
    overwrite(&mut bot.short_description, patch.short_description);
    overwrite(&mut bot.agents_available, patch.agents_available);
    if let Some(slug) = patch.slug.filter(|slug| Some(slug) != bot.slug.as_ref()) {
        if tx.state().tables.bots.find(Bot::by_slug(tx.project(), &slug)).is_some() {
            return Err(taken(&slug));
        }
        bot.slug = Some(slug);
    }
    bot.modified = Some(true);
    match patch.trashed {
        Some(true) if !bot.trashed => return trash(tx, by, bot),
        Some(false) if bot.trashed => {
            (bot.trashed, bot.trashed_at) = (false, None);
            faq::rules::trash_all(tx, bot.id, None)?;
        }
        _ => {}
    }
    save(tx, bot)
}

fn taken(slug: &Text) -> Error {
    let error = format!("Slug already exists: {slug}");
    let body = json!({"success": false, "msg": "Error updating object.", "error": error, "error_code": 12001});
    Error::new(ErrorKind::Conflict, ErrorBody::Own(body))
}

/// Soft-deletes a bot, its intents, and its published copies.
fn trash(tx: &mut Tx, by: &Actor, mut bot: Bot) -> Result<Arc<Doc<Bot>>> {
    let now = tx.now();
    (bot.trashed, bot.trashed_at) = (true, Some(now));
    // Frees the slug for another bot.
    bot.slug = bot.slug.map(|slug| format!("{slug}-trashed-{}", now.milliseconds()).into());
    faq::rules::trash_all(tx, bot.id, Some(now))?;
    let copies: Vec<_> = tx.state().tables.bots.with(Bot::copies_of(bot.id)).cloned().collect();
    for copy in copies {
        tx.put(Bot { trashed: true, trashed_at: Some(now), ..copy.value().into_owned() })?;
    }
    let bot = save(tx, bot)?;
    activity::of_bot(tx, by, Verb::FaqKbDelete, &bot)?;
    Ok(bot)
}

pub(super) fn delete(tx: &mut Tx, by: &Actor, id: &RawId<Bot>) -> Result<Arc<Doc<Bot>>> {
    let id = load(tx, id)?.id;
    faq::rules::discard_all(tx, id)?;
    let bot = tx.remove_by_id(id)?;
    tx.emit(EventName::BotDelete, &bot);
    activity::of_bot(tx, by, Verb::FaqKbDelete, &bot)?;
    Ok(bot)
}

pub(super) fn set_language(tx: &mut Tx, id: &RawId<Bot>, language: &Text) -> Result<Arc<Doc<Bot>>> {
    let bot = load(tx, id)?;
    faq::rules::set_language(tx, bot.id, language)?;
    // Without an event, as on the reference server.
    tx.put(Bot { language: language.clone(), modified: Some(true), ..bot })
}

pub(super) fn update_attributes(tx: &mut Tx, id: &RawId<Bot>, new: JsonObject) -> Result<Arc<Doc<Bot>>> {
    let mut bot = load(tx, id)?;
    bot.attributes.get_or_insert_default().merge(new);
    save(tx, Bot { modified: Some(true), ..bot })
}

/// Issues a token that does not expire. A bot without a secret gets one.
pub(super) fn jwt(tx: &mut Tx, id: &RawId<Bot>) -> Result<BotToken> {
    let mut bot = load(tx, id)?;
    if bot.secret.is_none() {
        bot.secret = Some(Secret::new(tx.new_uuid()));
        tx.put(bot.clone())?;
    }
    let secret = bot.secret.clone().unwrap_or_default();
    let jti = tx.new_uuid();
    let id = bot.id;
    let jwt = token::of_bot(Doc::new(bot).json(), id, &secret, tx.now(), Some(&jti));
    Ok(BotToken { jwt: jwt.into() })
}
