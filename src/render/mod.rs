//! How responses are put together: JSON from rendered documents, and CSV.

pub(crate) mod csv;
pub(crate) mod json;
