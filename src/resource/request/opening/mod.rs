//! How requests come to be.

pub(crate) mod model;
pub(crate) mod rules;
