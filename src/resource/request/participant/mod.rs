//! Who serves a request.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;
