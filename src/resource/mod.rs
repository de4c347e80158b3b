//! The resources of the API, one folder each: `model` (what the public document shows), `api` (signatures and their
//! documentation), `rules` (what must hold).

pub(crate) mod auth;
mod crud;
pub(crate) mod lead;
pub(crate) mod project;
pub(crate) mod team;
pub(crate) mod user;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The sections of the reference.
#[derive(Tags)]
pub(crate) enum Tag {
    /// How callers identify themselves, and how accounts and sessions come to be.
    Authentication,
    /// The people who write in.
    Leads,
}

/// All operations of the API.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    ((auth::api::SignIn, auth::api::Recovery), Scoped((auth::api::Keys, (lead::api::Leads, lead::api::LeadDetails))))
}
