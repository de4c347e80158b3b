//! Invitations of people who have no account yet. What is done with them belongs to the team.

pub(crate) mod model;
