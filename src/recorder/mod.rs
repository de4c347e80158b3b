//! What is recorded of HTTP calls, and what is done to them on purpose: journal, coverage, faults, rate limits.

pub(crate) mod coverage;
pub(crate) mod digest;
pub(crate) mod entry;
pub(crate) mod fault;
pub(crate) mod headers;
pub(crate) mod journal;
pub(crate) mod rate_limit;
pub(crate) mod redact;
