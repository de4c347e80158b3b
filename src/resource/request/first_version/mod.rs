//! Requests as the first version of the API shows them.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
