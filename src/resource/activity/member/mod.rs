//! What is done to members of the team, as the log has it.

pub(crate) mod rules;
