//! Questions as files.

pub(crate) mod model;
pub(super) mod rules;
