//! The log as a table.

pub(crate) mod rules;
