//! Labels: translations of the texts of the widget and of system messages.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - A project has one document with all its languages. The first write creates it and makes its language the default.
//! - Reading requires no credentials, because the widget reads labels for visitors.
//! - A missing language falls back to the default language, then to English, then to built-in English.
//! - Writing returns the language as it is read afterwards; cloning returns the whole document.
//! - Language codes are case-sensitive.

pub(crate) mod api;
pub(crate) mod builtin;
pub(crate) mod document;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Translations of the texts of the widget and of system messages.
    Labels,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::ProjectLabels, api::BuiltinLabels))
}
