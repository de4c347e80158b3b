//! Labels: the texts of the widget and of the system's messages, in the languages of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - A project has one document with all its languages. The first write makes it, and its language the default one.
//! - Reading needs no credentials: the widget does it for visitors.
//! - A language that is not there is answered with the default one, with English, or with English as it is built in.
//! - Writing answers the language as it is read then; cloning answers the whole document.
//! - Language codes are compared as they are written.

pub(crate) mod api;
pub(crate) mod builtin;
pub(crate) mod document;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// The texts of the widget and of the system's messages, in many languages.
    Labels,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::ProjectLabels, api::BuiltinLabels))
}
