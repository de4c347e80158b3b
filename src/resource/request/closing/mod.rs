//! The end of a request, and its return.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod rules;
