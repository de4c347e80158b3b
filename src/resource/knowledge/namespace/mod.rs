//! Knowledge bases, called namespaces in paths.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Listing creates a default knowledge base if there is none; its identifier is that of the project.
//! - `_id` and `__v` are never returned.
//! - Plans have limits (`profile.quotes`): knowledge bases, contents, tokens.

pub(crate) mod api;
pub(crate) mod document;
pub(super) mod plan;
pub(super) mod rules;
pub(crate) mod schema;
mod transfer;
