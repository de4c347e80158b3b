//! JSON Web Tokens: which were issued to a user, how they are revoked, and what tests do to those of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The history is the caller's own, whatever the project. No source prints its answers.
//! - Whoever has a revoked token is refused like whoever has none.
//! - Decoding a token asks for an `Authorization` header of two words and for nothing else. So does signing one in the reference
//!   server.
//! - `decode` takes tokens that live for ten minutes at most. Nothing else minds.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// The tokens that were issued, and how they are revoked.
    #[oai(rename = "JWT")]
    Jwt,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::History, Scoped::<_>::new(api::CustomTokens))
}
