//! Delivery history: the latest 1,000 entries of each project.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;
