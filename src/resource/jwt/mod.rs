//! JSON Web Tokens: issued tokens and their revocation, and test tokens signed with the secret of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The history is the caller's own, independent of projects. No source shows its responses.
//! - A revoked token is rejected like a missing one.
//! - Decoding a token requires only an `Authorization` header of two words; so does signing one on the reference
//!   server.
//! - `decode` accepts only tokens with a lifetime of at most 10 minutes. Nothing else limits the lifetime.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Tokens issued at sign-in and their revocation, and custom tokens signed with the secret of a project.
    #[oai(rename = "JWT")]
    Jwt,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::History, Scoped::<_>::new(api::CustomTokens))
}
