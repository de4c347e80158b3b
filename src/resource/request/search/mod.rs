//! Lists of requests.

pub(crate) mod api;
pub(crate) mod condition;
pub(crate) mod model;
pub(crate) mod rules;
mod text;
