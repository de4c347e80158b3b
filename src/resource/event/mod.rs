//! Events: custom events that applications exchange through a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Posting an event stores it and publishes it to subscriptions to `event.emit` and `event.emit.NAME`, and to the
//!   topic of the member who posted it. The documentation takes that second name for the name of the event.
//! - Events expire one hour after they were posted.
//! - `status` is always `stardard`, the reference server's spelling.
//! - The member is an identifier in responses, and an object with its user embedded in webhook payloads and frames.
//!   Those also contain the caller as `user`; for a visitor, all claims of the token, with `id` and `fullName`.
//! - The server itself posts `request.fully_abandoned` and `faqbot.answer_not_found`, as `system` and without a member.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Custom events that applications exchange through a project.
    Events,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(api::CustomEvents)
}
