//! Sitemaps: contents whose pages are contents, too.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
