//! Lists of requests.

pub(crate) mod model;
pub(crate) mod rules;
