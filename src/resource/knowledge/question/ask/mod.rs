//! Asking a knowledge base.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
