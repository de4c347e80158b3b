//! Chatbots: what answers visitors before the team does.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Bots are served under `/bots` and `/faq_kb`, faqs under `/faq` and `/intents`: see `alias`.
//! - An internal bot starts with the intents of the `example` template unless another one is named, as the documentation has
//!   it; the reference server makes none unless the type is sent.
//! - `external` is what older pages call the type `external`.
//! - Deleting removes the bot and answers it; its intents stay. `trashed` hides it, and them with it.
//! - Agents see the bots that are available to them, and less of them; programs see what administrators see.
//! - The secret is told once, in the answer to creating the bot.
//! - The engine is part of the server: an address without a host is its own.
//! - A bot is sent every message to the conversations that it serves, whoever writes it. The exceptions are its own messages,
//!   those of the system other than `\start`, and those with the commands `\agent` and `\close`.
//! - A project has a bot of the type `identity` from the start. It answers nobody.
//! - Events follow from what is created, changed or deleted, but not from the intents that a bot starts with, from its
//!   address in the built-in engine, or from another language.

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

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// What answers visitors before the team does: bots, and what they answer to what.
    Chatbots,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let bots = (api::Bots, api::BotDetails);
    let versions = (import_export::BotTransfers, release::BotReleases, training::BotTrainings);
    let faqs = (faq::api::Faqs, faq::api::FaqDetails, faq::batch::FaqBatches);
    Aliased::<_, alias::Names>::new(Scoped::<_>::new((bots, versions, faqs)))
}
