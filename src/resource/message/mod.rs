//! Messages of conversations.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The first message to an unused `request_id` opens the conversation and creates the lead.
//! - Sending returns the message with its conversation embedded; reading returns it without.
//! - A message starts with status 0; nothing here delivers it any further.
//! - In later messages, the sender is whatever an agent's call specifies.
//! - Importing several messages returns an array, although the documentation prints a single object.
//! - In system messages, `metadata` is not an object but the language of the conversation.
//! - A request keeps its last message from the second one on. Messages of the system and of the built-in bot do not
//!   count.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod export;
mod metadata;
mod post;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod system;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Messages of conversations, and direct messages.
    Messages,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (export::PublicMessages, Scoped::<_>::new((api::Messages, export::MessageLists)))
}
