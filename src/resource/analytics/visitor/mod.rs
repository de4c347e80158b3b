//! How many visitors there are.

pub(crate) mod api;
mod rules;
