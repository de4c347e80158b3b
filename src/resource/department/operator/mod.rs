//! Operators: who gets the next conversation of a department.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod rules;
