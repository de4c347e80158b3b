//! Rendering of responses: JSON composed of rendered documents, and CSV.

pub(crate) mod csv;
pub(crate) mod json;
