//! Many contents at once: pages by their addresses, and questions with their answers from a file.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
