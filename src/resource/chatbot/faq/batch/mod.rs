//! Many faqs at once: lists of changes, and CSV.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
