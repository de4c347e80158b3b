//! Projects: workspaces to which team, conversations and settings belong.

pub(crate) mod model;
