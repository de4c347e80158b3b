//! Published copies of bots.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
