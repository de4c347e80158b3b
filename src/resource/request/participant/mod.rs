//! Who serves a request.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod rules;
