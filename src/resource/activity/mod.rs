//! Activities: the log of what happened in a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Only what people did is written down: invitations, changes and removals of teammates, and the life of conversations.
//!   Disabling a teammate is not.
//! - `actionObj` of an invitation holds what the reference server writes today; the documentation prints an older form.
//! - `message` is made when the log is listed, and not stored.
//! - Entries stay: see the departure in the rules.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod export;
pub(crate) mod member;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod summary_text;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// What happened.
    Activities,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(api::Activities)
}
