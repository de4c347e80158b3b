//! Activities: the activity log of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - The log records invitations, changes, and removals of teammates, the life of conversations, the creation,
//!   publication, and deletion of bots, and changes of knowledge bases. Disabling a teammate is not recorded.
//! - `actionObj` of an invitation has the reference server's current form; the documentation shows an older one.
//! - `message` is computed when the log is listed, and not stored.
//! - Entries do not expire: see the deviation in the rules.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod export;
pub(crate) mod member;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod summary_text;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// The activity log of a project: who did what, to which object, and when.
    Activities,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(api::Activities)
}
