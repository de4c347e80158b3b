//! Authentication: accounts, sessions of users and visitors, and the recovery of access.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Tokens of users and guests never expire; nothing is invalidated by signing in again.
//! - The keys of the bodies that say no differ (`msg`, `message`, `error`), and some of them come with status 200.
//! - No mail is sent. What it would carry stands in the exported state, in the user.

pub(crate) mod api;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::{Scoped, Undocumented};

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// How callers identify themselves, and how accounts and sessions come to be.
    Authentication,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::SignIn, api::Recovery, api::Invitations, Scoped::<_>::new(api::Keys), Undocumented(api::ConnectionTest))
}
