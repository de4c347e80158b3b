//! Tags.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
