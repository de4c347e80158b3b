//! How requests come to be.

pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;
