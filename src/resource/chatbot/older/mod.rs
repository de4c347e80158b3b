//! Bots under the name that the pages of the second version have for them.

pub(crate) mod api;
