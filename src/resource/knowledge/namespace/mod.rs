//! Knowledge bases, called namespaces.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The list makes a default knowledge base where there is none; its identifier is that of the project.
//! - `_id` and `__v` are never shown.
//! - Plans have limits (`profile.quotes`): knowledge bases, contents, tokens.
//! - Deleting a knowledge base leaves the questions that were asked of it.

pub(crate) mod api;
pub(crate) mod document;
pub(super) mod plan;
pub(super) mod rules;
pub(crate) mod schema;
mod transfer;
