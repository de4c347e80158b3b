//! Activities: the log of what happened in a project.

pub(crate) mod model;
pub(crate) mod rules;
