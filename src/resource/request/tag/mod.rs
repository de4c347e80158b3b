//! Tags of requests.

pub(crate) mod api;
pub(crate) mod document;
mod rules;
pub(crate) mod schema;
