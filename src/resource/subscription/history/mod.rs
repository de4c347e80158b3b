//! What was delivered, and what came back: the last thousand entries of a project.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;
