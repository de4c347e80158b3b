//! Which faq of a bot fits a text.

use std::sync::Arc;

use super::model::Faq;
use crate::{
    resource::{chatbot::model::Bot, project::model::Project},
    store::{Doc, Order, Query, words},
    world::{Id, State},
};

/// The score of a faq one of whose examples is the text itself.
const EXACT: usize = 100;

/// Letters of the shortest word that counts: shorter ones are in every question.
const WORD: usize = 3;

/// A faq, and how well it fits.
pub(in crate::resource::chatbot) struct Hit {
    pub(in crate::resource::chatbot) faq: Arc<Doc<Faq>>,
    pub(in crate::resource::chatbot) score: usize,
}

/// The faqs that fit, the best first: those that are asked in the very words of the text, or else those whose examples have
/// most of its longer words. Of equals the newest is first. Commands have to be met word for word.
pub(in crate::resource::chatbot) fn hits(state: &State, project: Id<Project>, bot: Id<Bot>, text: &str) -> Vec<Hit> {
    let exact = state.tables.faqs.with(Faq::asked_as(bot, text)).filter(|faq| faq.value().is_live());
    let exact: Vec<_> = exact.map(|faq| Hit { faq: faq.clone(), score: EXACT }).collect();
    if !exact.is_empty() || text.trim().starts_with('\\') {
        return exact;
    }
    let words = words(text).filter(|word| word.chars().count() >= WORD);
    let rows = state.tables.faqs.list(&Query {
        all: vec![words.map(|word| Faq::with_word(project, &word)).collect(), vec![Faq::of_bot(bot)]],
        only: Some(Box::new(|faq: &Faq| faq.is_live() && !faq.is_command())),
        range: 0..i64::MAX,
        order: Order::Relevance,
        skip: 0,
        limit: usize::MAX,
    });
    rows.docs.into_iter().zip(rows.scores).map(|(faq, score)| Hit { faq: faq.clone(), score }).collect()
}

/// The faq that answers a text: the one that fits best, or the bot's fallback.
pub(in crate::resource::chatbot) fn best(
    state: &State,
    project: Id<Project>,
    bot: Id<Bot>,
    text: &str,
) -> Option<Arc<Doc<Faq>>> {
    let hit = hits(state, project, bot, text).into_iter().next().map(|hit| hit.faq);
    let fallback = || state.tables.faqs.find(Faq::by_name(bot, Faq::FALLBACK)).filter(|faq| faq.value().is_live());
    hit.or_else(|| fallback().cloned())
}
