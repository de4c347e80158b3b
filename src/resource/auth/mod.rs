//! Authentication: accounts, sessions of users and visitors, and the recovery of access.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Tokens of users and guests never expire; nothing is invalidated by signing in again.
//! - The keys of the bodies that say no differ (`msg`, `message`, `error`), and some of them come with status 200.
//! - No mail is sent. What it would carry stands in the exported state, in the user.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
