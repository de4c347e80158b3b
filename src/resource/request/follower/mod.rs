//! Teammates who are kept informed of a request without serving it.

pub(crate) mod api;
pub(super) mod rules;
