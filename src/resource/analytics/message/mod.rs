//! How many messages there are.

pub(crate) mod api;
mod model;
mod rules;
