//! Invitations to the team, and pending invitations of people without an account.

pub(crate) mod document;
pub(crate) mod rules;
pub(crate) mod schema;
