//! Average waiting times, durations and ratings of conversations.

pub(crate) mod api;
mod model;
mod rules;
