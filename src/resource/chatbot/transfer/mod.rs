//! Bots as documents: exported, imported, and copied into other projects.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod rules;
