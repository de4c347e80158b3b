//! Invitations: how members are invited, and the invitations of people who have no account yet.

pub(crate) mod model;
pub(crate) mod rules;
