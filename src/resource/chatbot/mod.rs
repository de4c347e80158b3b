//! Chatbots.

pub(crate) mod model;
