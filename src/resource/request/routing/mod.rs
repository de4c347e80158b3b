//! Who serves a request, by the rules of a department.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod rules;
