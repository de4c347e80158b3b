//! How many conversations there are.

pub(crate) mod api;
pub(super) mod rules;
pub(crate) mod schema;
