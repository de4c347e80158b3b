//! Counts of conversations.

pub(crate) mod api;
pub(super) mod rules;
pub(crate) mod schema;
