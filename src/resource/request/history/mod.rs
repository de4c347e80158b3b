//! What happened to a request.

pub(crate) mod api;
