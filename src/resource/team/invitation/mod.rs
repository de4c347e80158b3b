//! Invitations: how members are invited, and the invitations of people who have no account yet.

pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;
