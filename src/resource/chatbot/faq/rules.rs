//! Rules for FAQs.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    document::Faq,
    schema::{FaqFilter, FaqPatch, FaqRemoval, FaqSummary, Intent, NewFaq},
};
use crate::{
    identity::Actor,
    render,
    resource::{
        chatbot::{
            document::Bot,
            rules::{is_restricted, named, without},
        },
        project::document::Project,
    },
    state::{
        State, Tx,
        event::EventName,
        query::{Selection, skip},
    },
    store::{Direction, Doc, Order, Query, Term},
    value::{
        Error, Id, JsonObject, RawId, Result, Text, Timestamp,
        error::{ErrorBody, ErrorKind},
    },
};

/// Default page size.
const PER_PAGE: u32 = 3_000;

/// Prefix of an `intent_id` in place of an identifier.
const INTENT_ID: &str = "intentId";

pub(super) fn list(state: &State, by: &Actor, filter: &FaqFilter) -> Bytes {
    let project = by.membership.value().id_project;
    let restricted = is_restricted(by);
    let is_shown = |faq: &Faq| {
        let internal = matches!(faq.intent_display_name.as_deref(), Some("start" | Faq::FALLBACK));
        faq.agents_available != Some(false) && !internal
    };
    let Some(all) = clauses(project, filter) else { return Bytes::from_static(b"[]") };
    let mut selection = Selection::of(all);
    if let Some(text) = &filter.text {
        selection.search(text, |word| [Faq::with_word(project, word)], |faq: &Faq| faq.examples().collect());
    }
    if restricted {
        selection.narrow(is_shown);
    }
    let per_page = filter.limit.unwrap_or(PER_PAGE);
    let limit = if per_page == 0 { usize::MAX } else { per_page as usize };
    let rows = state.tables.faqs.list(&Query {
        all: selection.all,
        also: selection.also,
        only: selection.only,
        range: 0..i64::MAX,
        order: if filter.text.is_some() { Order::Relevance } else { Order::Default(Direction::Ascending) },
        skip: skip(filter.page, per_page),
        limit,
    });
    let show =
        |faq: &&Arc<Doc<Faq>>| if restricted { without(faq.json(), &FaqSummary::WITHHELD) } else { show(state, faq) };
    render::json::array(rows.docs.iter().map(show))
}

/// The index terms of a list; `None` if the identifier of the bot is malformed.
fn clauses(project: Id<Project>, filter: &FaqFilter) -> Option<Vec<Vec<Term>>> {
    let mut all = Vec::new();
    if let Some(name) = &filter.intent_display_name {
        all.push(vec![Faq::called(project, name)]);
    }
    if let Some(bot) = &filter.id_faq_kb {
        // The bot need not exist: the list is then empty.
        all.push(vec![Faq::of_bot(Id::parse(bot)?)]);
    }
    all.push(vec![Faq::of_project(project)]);
    Some(all)
}

/// The FAQ with its bot embedded.
fn show(state: &State, faq: &Doc<Faq>) -> Bytes {
    let bot = state.tables.bots.get(faq.value().id_faq_kb).map(|bot| bot.json());
    let mut whole = render::json::Object::new(faq.json(), 1_000);
    whole.list("faq_kb", bot);
    whole.end()
}

pub(super) fn create(tx: &mut Tx, by: &Actor, new: NewFaq) -> Result<Arc<Doc<Faq>>> {
    let bot = bot(tx, &new.id_faq_kb)?;
    // The language of the bot takes precedence.
    add(tx, by.id(), &bot.value(), Intent { language: None, ..new.intent }, new.topic)
}

/// The bot named in a body.
pub(super) fn bot(tx: &Tx, id: &str) -> Result<Arc<Doc<Bot>>> {
    named(tx.state(), tx.project(), id).ok_or(Error::OBJECT_NOT_FOUND)
}

/// Adds an FAQ to a bot and emits an event.
fn add(tx: &mut Tx, by: Text, bot: &Bot, intent: Intent, topic: Option<Text>) -> Result<Arc<Doc<Faq>>> {
    let faq = start_with(tx, by, bot, intent, topic)?;
    tx.emit(EventName::FaqCreate, &faq);
    Ok(faq)
}

/// Adds an initial FAQ of a bot, without an event.
pub(crate) fn start_with(
    tx: &mut Tx,
    by: Text,
    bot: &Bot,
    intent: Intent,
    topic: Option<Text>,
) -> Result<Arc<Doc<Faq>>> {
    let mut faq = Faq {
        id: tx.new_id(),
        same_id: None,
        id_faq_kb: bot.id,
        question: None,
        answer: None,
        intent_display_name: None,
        intent_id: None,
        topic: topic.unwrap_or_else(|| Faq::TOPIC.into()),
        language: bot.language.clone(),
        webhook_enabled: false,
        enabled: true,
        status: "live".into(),
        reply: None,
        form: None,
        actions: Vec::new(),
        agents_available: Some(false),
        trashed: None,
        trashed_at: None,
        attributes: None,
        id_project: tx.project(),
        created_by: by,
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    };
    faq.apply(intent);
    if faq.intent_id.is_none() {
        faq.intent_id = Some(tx.new_uuid().into());
    }
    if faq.intent_display_name.is_none() {
        faq.intent_display_name = Some(tx.new_uuid()[..6].into());
    }
    put(tx, faq)
}

/// Stores a changed FAQ and emits an event.
fn save(tx: &mut Tx, faq: Faq) -> Result<Arc<Doc<Faq>>> {
    let faq = put(tx, faq)?;
    tx.emit(EventName::FaqUpdate, &faq);
    Ok(faq)
}

/// Stores an FAQ. Fails if another FAQ of the bot has the same name or UUID.
fn put(tx: &mut Tx, faq: Faq) -> Result<Arc<Doc<Faq>>> {
    let others = same(tx, faq.id_faq_kb, faq.intent_display_name.as_ref(), faq.intent_id.as_ref());
    if others.iter().any(|other| other.value().id != faq.id) {
        return Err(Error::new(ErrorKind::Conflict, ErrorBody::msg("Duplicate  intent_display_name.".into()))); // sic
    }
    tx.put(faq)
}

/// The FAQs of a bot with this name or this UUID.
fn same(tx: &Tx, bot: Id<Bot>, name: Option<&Text>, intent_id: Option<&Text>) -> Vec<Arc<Doc<Faq>>> {
    let terms = [name.map(|name| Faq::by_name(bot, name)), intent_id.map(|id| Faq::by_intent_id(bot, id))];
    terms.into_iter().flatten().filter_map(|term| tx.state().tables.faqs.find(term)).cloned().collect()
}

/// Finds an FAQ by its identifier or by a prefixed `intent_id`, among those of `bot` if given.
fn find(tx: &Tx, id: &RawId<Faq>, bot: Option<Id<Bot>>) -> Option<Faq> {
    match id.as_str().strip_prefix(INTENT_ID) {
        Some(intent_id) => tx.find(Faq::by_intent_id(bot?, intent_id)),
        None => tx.get(id).ok().filter(|faq| bot.is_none_or(|bot| faq.id_faq_kb == bot)),
    }
}

pub(super) fn update(tx: &mut Tx, id: &RawId<Faq>, patch: FaqPatch) -> Result<Arc<Doc<Faq>>> {
    let Some(bot_id) = patch.id_faq_kb.given() else {
        return Err(Error::new(ErrorKind::Invalid, ErrorBody::bare("err", "Missing id_faq_kb in Request Body".into())));
    };
    let bot = bot(tx, bot_id)?.value().id;
    let mut faq = find(tx, id, Some(bot)).ok_or(Error::OBJECT_NOT_FOUND)?;
    faq.apply(patch.intent);
    faq.topic = patch.topic.unwrap_or(faq.topic);
    faq.status = patch.status.unwrap_or(faq.status);
    faq.agents_available = patch.agents_available.or(faq.agents_available);
    save(tx, faq)
}

pub(super) fn delete(tx: &mut Tx, id: &RawId<Faq>, removal: &FaqRemoval) -> Result<Arc<Doc<Faq>>> {
    let by_intent = id.as_str().starts_with(INTENT_ID);
    if by_intent && removal.id_faq_kb.is_none() {
        let text = "Unable to delete object. Query param 'id_faq_kb' is mandatory if you want to delete via intent_id";
        return Err(Error::new(ErrorKind::Invalid, ErrorBody::msg(text.into())));
    }
    let bot = removal.id_faq_kb.as_deref().and_then(|id| named(tx.state(), tx.project(), id));
    let faq = find(tx, id, bot.map(|bot| bot.value().id)).ok_or_else(|| {
        if by_intent {
            Error::not_found(ErrorBody::msg("Error deleting object. The object does not exists.".into())) // sic
        } else {
            Error::OBJECT_NOT_FOUND
        }
    })?;
    remove(tx, faq.id)
}

fn remove(tx: &mut Tx, id: Id<Faq>) -> Result<Arc<Doc<Faq>>> {
    let faq = tx.remove_by_id(id)?;
    tx.emit(EventName::FaqDelete, &faq);
    Ok(faq)
}

pub(super) fn update_attributes(tx: &mut Tx, id: &RawId<Faq>, new: JsonObject) -> Result<Arc<Doc<Faq>>> {
    merge_attributes(tx, id, None, new)
}

/// Merges attributes into an FAQ, which can also be named by a prefixed `intent_id` if `bot` is given.
pub(super) fn merge_attributes(
    tx: &mut Tx,
    id: &RawId<Faq>,
    bot: Option<Id<Bot>>,
    new: JsonObject,
) -> Result<Arc<Doc<Faq>>> {
    let mut faq = find(tx, id, bot).ok_or(Error::OBJECT_NOT_FOUND)?;
    faq.attributes.get_or_insert_default().merge(new);
    save(tx, faq)
}

/// How an import handles an intent that the bot already has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Overwritten,
    Kept,
}

/// Adds an intent to a bot that may already have it.
pub(crate) fn import(tx: &mut Tx, by: Text, bot: &Bot, intent: Intent, known: Known) -> Result<()> {
    let same = same(tx, bot.id, intent.intent_display_name.as_ref(), intent.intent_id.as_ref());
    match (&same[..], known) {
        ([], _) => add(tx, by, bot, intent, None).map(drop),
        // If the name and the UUID belong to two intents, both stay unchanged.
        ([faq, others @ ..], Known::Overwritten) if others.iter().all(|other| Arc::ptr_eq(faq, other)) => {
            let mut faq = faq.value().into_owned();
            faq.apply(intent);
            save(tx, faq).map(drop)
        }
        _ => Ok(()),
    }
}

/// The FAQs of a bot, oldest first.
pub(crate) fn of_bot(state: &State, bot: Id<Bot>) -> Vec<Arc<Doc<Faq>>> {
    state.tables.faqs.with(Faq::of_bot(bot)).cloned().collect()
}

/// Removes all FAQs of a bot and emits an event for each.
pub(crate) fn remove_all(tx: &mut Tx, bot: Id<Bot>) -> Result<()> {
    of_bot(tx.state(), bot).iter().try_for_each(|faq| remove(tx, faq.value().id).map(drop))
}

/// Removes all FAQs of a bot that is itself deleted, without events.
//
// Departs: Deleting a bot or a knowledge base, or permanently deleting an account, also deletes what belongs to it; the
// reference server keeps it.
pub(crate) fn discard_all(tx: &mut Tx, bot: Id<Bot>) -> Result<()> {
    of_bot(tx.state(), bot).iter().try_for_each(|faq| tx.remove_by_id(faq.value().id).map(drop))
}

/// Soft-deletes or restores all FAQs of a bot, without events.
pub(crate) fn trash_all(tx: &mut Tx, bot: Id<Bot>, at: Option<Timestamp>) -> Result<()> {
    of_bot(tx.state(), bot).iter().try_for_each(|faq| {
        tx.put(Faq { trashed: Some(at.is_some()), trashed_at: at, ..faq.value().into_owned() }).map(drop)
    })
}

/// Changes the language of all FAQs of a bot, without events.
pub(crate) fn set_language(tx: &mut Tx, bot: Id<Bot>, language: &Text) -> Result<()> {
    of_bot(tx.state(), bot)
        .iter()
        .try_for_each(|faq| tx.put(Faq { language: language.clone(), ..faq.value().into_owned() }).map(drop))
}
