//! Emails. None is sent: they are recorded in the exported state, under `emails`.
//!
//! Quirk of the reference server: the response always says that the email is queued, regardless of what happens to it.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Emails to any address and to the leads of requests.
    Emails,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(api::Emails)
}
