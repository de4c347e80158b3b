//! Mails. None is sent: what they would carry stands in the exported state.
//!
//! Quirk of the reference server: whatever becomes of a mail, the answer is that it is queued.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Mails, none of which is sent.
    Emails,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(api::Emails)
}
