//! Notes of the team.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
