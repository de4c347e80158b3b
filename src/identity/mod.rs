//! Callers: credentials, tokens, and memberships.

pub(crate) mod authenticate;
mod hs256;
pub(crate) mod principal;
pub(crate) mod token;

pub(crate) use self::principal::{Actor, Principal};
