//! Recording of HTTP calls and interference with them: journal, coverage, redaction, faults, and rate limits.

pub(crate) mod coverage;
pub(crate) mod digest;
pub(crate) mod entry;
pub(crate) mod fault;
pub(crate) mod headers;
pub(crate) mod journal;
pub(crate) mod rate_limit;
pub(crate) mod redact;
pub(crate) mod timeline;
