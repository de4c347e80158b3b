//! Mails. None is sent: what they would carry stands in the exported state.
//!
//! Quirk of the reference server: whatever becomes of a mail, the answer is that it is queued.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod rules;
