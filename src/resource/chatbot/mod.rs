//! Chatbots: bots that respond to visitors before the team does.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Bots are served under `/bots` and `/faq_kb`, FAQs under `/faq` and `/intents`: see `alias`.
//! - An internal bot starts with the intents of the `example` template by default, as documented; the reference server
//!   creates none unless the type is given.
//! - `external` is an older form of the type `external`.
//! - Deleting a bot removes and returns it; `trashed` soft-deletes it with its intents.
//! - Agents see only the bots available to them, with fewer fields; bots and subscriptions see what administrators see.
//! - The secret is returned only once, when the bot is created.
//! - The engine is part of the server: a URL without a host refers to it.
//! - A bot is sent every message in its conversations, from any sender, except its own messages, system messages other
//!   than `\start`, and messages with the commands `\agent` or `\close`.
//! - Every new project has a bot of type `identity`, which never responds.
//! - Creating, updating, and deleting emit events, but not for the initial intents of a bot, its URL in the built-in
//!   engine, or a change of language.

pub(crate) mod alias;
pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod faq;
pub(crate) mod import_export;
pub(crate) mod index;
pub(crate) mod release;
pub(crate) mod rules;
pub(crate) mod schema;
mod template;
pub(crate) mod training;

use poem_openapi::{OpenApi, Tags};

use crate::http::{Aliased, Scoped};

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Bots that respond to visitors before the team does, their FAQs (intents), and their published copies.
    Chatbots,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let bots = (api::Bots, api::BotDetails);
    let versions = (import_export::BotTransfers, release::BotReleases, training::BotTrainings);
    let faqs = (faq::api::Faqs, faq::api::FaqDetails, faq::batch::FaqBatches);
    Aliased::<_, alias::Names>::new(Scoped::<_>::new((bots, versions, faqs)))
}
