//! Knowledge bases: what bots answer from, and what they were asked.
//!
//! Paths call a knowledge base a namespace.

pub(crate) mod content;
pub(crate) mod namespace;
mod paging;
pub(crate) mod question;
