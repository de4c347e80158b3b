//! Which faq of a bot fits a text.

use std::sync::Arc;

use super::document::Faq;
use crate::{
    resource::{chatbot::document::Bot, message::document::Message, project::document::Project},
    state::State,
    store::{Doc, Order, Query, words},
    value::Id,
};

/// The score of a faq one of whose examples is the text itself.
const EXACT: usize = 100;

/// Letters of the shortest word that counts: shorter ones are in every question.
const WORD: usize = 3;

/// A faq, and how well it fits.
pub(crate) struct Hit {
    pub(crate) faq: Arc<Doc<Faq>>,
    pub(crate) score: usize,
}

impl Hit {
    /// Whether it fits the text in its very words.
    pub(crate) fn is_exact(&self) -> bool {
        self.score >= EXACT
    }
}

/// The faqs that fit, the best first: those that are asked in the very words of the text, or else those whose examples have
/// most of its longer words. Of equals the newest is first. Commands have to be met word for word.
pub(crate) fn hits(state: &State, project: Id<Project>, bot: Id<Bot>, text: &str) -> Vec<Hit> {
    let exact = state.tables.faqs.with(Faq::asked_as(bot, text)).filter(|faq| faq.value().is_live());
    let exact: Vec<_> = exact.map(|faq| Hit { faq: faq.clone(), score: EXACT }).collect();
    if !exact.is_empty() || text.trim().starts_with('\\') {
        return exact;
    }
    let words = words(text).filter(|word| word.chars().count() >= WORD);
    let rows = state.tables.faqs.list(&Query {
        all: vec![words.map(|word| Faq::with_word(project, &word)).collect(), vec![Faq::of_bot(bot)]],
        also: Vec::new(),
        only: Some(Box::new(|faq: &Faq| faq.is_live() && !faq.is_command())),
        range: 0..i64::MAX,
        order: Order::Relevance,
        skip: 0,
        limit: usize::MAX,
    });
    rows.docs.into_iter().zip(rows.scores).map(|(faq, score)| Hit { faq: faq.clone(), score }).collect()
}

/// The faq that answers a message: the one that its attribute `action` names, or the one that fits its text best.
pub(crate) fn best(state: &State, bot: Id<Bot>, message: &Message) -> Option<Hit> {
    let action = message.attributes.as_ref().and_then(|attributes| attributes.0.get("action")?.as_str());
    // What follows are parameters.
    let action = action.map(|action| action.split('?').next().unwrap_or_default());
    let named = action.and_then(|action| named(state, bot, action));
    let text = message.text.as_deref().unwrap_or_default();
    named.map(|faq| Hit { faq, score: EXACT }).or_else(|| hits(state, message.id_project, bot, text).into_iter().next())
}

/// The faq of a bot with that identifier, UUID, or name.
pub(crate) fn named(state: &State, bot: Id<Bot>, name: &str) -> Option<Arc<Doc<Faq>>> {
    let faqs = &state.tables.faqs;
    let by_id = || Id::parse(name).and_then(|id| faqs.get(id)).filter(|faq| faq.value().id_faq_kb == bot);
    // The visual editor writes UUIDs with a hash before them.
    let by_uuid = || faqs.find(Faq::by_intent_id(bot, name.strip_prefix('#').unwrap_or(name)));
    let found = by_uuid().or_else(|| faqs.find(Faq::by_name(bot, name))).or_else(by_id);
    found.filter(|faq| faq.value().is_live()).cloned()
}
