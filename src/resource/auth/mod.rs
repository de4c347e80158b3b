//! Authentication: accounts, sessions of users and visitors, and password recovery.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Tokens of users and guests never expire, and signing in again invalidates nothing.
//! - Error bodies use different keys (`msg`, `message`, `error`), and some errors have status 200.
//! - No email is sent. Reset keys and verification codes are in the exported state, on the user.

pub(crate) mod api;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::{Scoped, Undocumented};

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Sign-in and sign-up, sessions of users and visitors, password recovery, and project secrets.
    Authentication,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::SignIn, api::Recovery, api::Invitations, Scoped::<_>::new(api::Keys), Undocumented(api::ConnectionTest))
}
