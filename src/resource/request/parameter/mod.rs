//! What a bot stored during a conversation.
//!
//! No operation of the API writes it; the control API does.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod rules;
