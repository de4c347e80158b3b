//! How many events were posted.

pub(crate) mod api;
mod model;
mod rules;
