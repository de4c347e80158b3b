//! How often tags are given.

pub(crate) mod api;
mod model;
mod rules;
