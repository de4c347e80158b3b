//! Lists of requests.

pub(crate) mod api;
pub(crate) mod condition;
pub(crate) mod rules;
pub(crate) mod schema;
mod text;
