//! What bots make of questions, and how they are taught. Nothing is trained here: the intents are compared as they are.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
