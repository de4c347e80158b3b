//! The control API under `/_control`: what tests do to the fake and could not do to the real thing. Its document is its own.

mod api;
mod problem;
mod webhook;

use poem_openapi::{OpenApi, Tags};

/// The sections of the control document.
#[derive(Tags)]
enum Tag {
    /// The documents that a sandbox holds.
    State,
    /// What bots do to conversations.
    Requests,
    /// What was delivered to whom, and inboxes to deliver to.
    Webhooks,
}

/// All operations of the control API.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::States, api::Requests, webhook::Deliveries)
}
