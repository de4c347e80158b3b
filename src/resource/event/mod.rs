//! Events: what applications tell each other by way of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Posting an event stores it and tells it: to subscriptions to `event.emit` and to `event.emit.NAME`, and to the topic of
//!   the member who posted it. The documentation takes that second name for the name of the event.
//! - Events vanish an hour after they were posted.
//! - `status` is always `stardard`, the reference server's spelling.
//! - The member is an identifier in answers, and an object, with the user inside, in webhook payloads and frames. Those also
//!   carry the caller as `user`; a visitor's is every claim of the token, with `id` and `fullName`.
//! - The server itself posts `request.fully_abandoned` and `faqbot.answer_not_found`, as `system` and without a member.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// What applications tell each other.
    Events,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(api::CustomEvents)
}
