//! Matching of texts with the FAQs of a bot.

use std::sync::Arc;

use super::document::Faq;
use crate::{
    resource::{chatbot::document::Bot, message::document::Message, project::document::Project},
    state::State,
    store::{Doc, Order, Query, words},
    value::Id,
};

/// Score of an exact match with an example question.
const EXACT: usize = 100;

/// Minimum length of the words that count, in characters: shorter ones occur in every question.
const WORD: usize = 3;

/// A matching FAQ and its score.
pub(crate) struct Hit {
    pub(crate) faq: Arc<Doc<Faq>>,
    pub(crate) score: usize,
}

impl Hit {
    /// Whether the text is exactly one of the example questions.
    pub(crate) fn is_exact(&self) -> bool {
        self.score >= EXACT
    }
}

/// The matching FAQs, best match first: those with the text as an example question, or else those whose example
/// questions share the most of its longer words. Among equals, the newest is first. Commands match only exactly.
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

/// The FAQ that answers a message: the one named by its attribute `action`, or the best match for its text.
pub(crate) fn best(state: &State, bot: Id<Bot>, message: &Message) -> Option<Hit> {
    let action = message.attributes.as_ref().and_then(|attributes| attributes.0.get("action")?.as_str());
    // Parameters follow the `?`.
    let action = action.map(|action| action.split('?').next().unwrap_or_default());
    let named = action.and_then(|action| named(state, bot, action));
    let text = message.text.as_deref().unwrap_or_default();
    named.map(|faq| Hit { faq, score: EXACT }).or_else(|| hits(state, message.id_project, bot, text).into_iter().next())
}

/// Finds an FAQ of a bot by identifier, UUID, or name.
pub(crate) fn named(state: &State, bot: Id<Bot>, name: &str) -> Option<Arc<Doc<Faq>>> {
    let faqs = &state.tables.faqs;
    let by_id = || Id::parse(name).and_then(|id| faqs.get(id)).filter(|faq| faq.value().id_faq_kb == bot);
    // The visual editor prefixes UUIDs with `#`.
    let by_uuid = || faqs.find(Faq::by_intent_id(bot, name.strip_prefix('#').unwrap_or(name)));
    let found = by_uuid().or_else(|| faqs.find(Faq::by_name(bot, name))).or_else(by_id);
    found.filter(|faq| faq.value().is_live()).cloned()
}
