//! Messages: what is said in conversations.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The first message to a `request_id` that nobody used opens the conversation and makes the lead.
//! - Sending answers the message with its conversation inside, reading shows it without.
//! - Status 0 is where a message starts; nothing delivers it any further here.
//! - The sender of a later message is whatever an agent's call says.
//! - Importing several messages answers an array, though the documentation prints one object.
//! - `metadata` of the messages of the system is not an object but the language of the conversation.
//! - A request keeps its last message from the second one on, and none that the system or the built-in bot wrote.

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

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// What is said in conversations.
    Messages,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (export::PublicMessages, Scoped::<_>::new((api::Messages, export::MessageLists)))
}
