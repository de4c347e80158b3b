//! How many conversations there are.

pub(crate) mod api;
pub(super) mod model;
pub(super) mod rules;
