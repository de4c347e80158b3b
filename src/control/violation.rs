//! Violations of the contract by forwarded calls, as shown by the control API.

use poem_openapi::{Enum, Object};

use crate::{
    recorder::{
        entry::{Entry, Side},
        redact,
    },
    value::Text,
};

/// A part of a forwarded call that the contract does not allow.
#[derive(Object)]
pub(super) struct JournalViolation {
    /// The message that violates the contract.
    side: ViolationSide,
    /// JSON pointer into the body, or `/query/NAME`, `/header/NAME`, or `/status`.
    pointer: Text,
    /// Expected and actual value.
    detail: Text,
}

/// A message of a call.
#[derive(Enum)]
#[oai(rename_all = "lowercase")]
enum ViolationSide {
    /// The request.
    Request,
    /// The response.
    Response,
}

/// The violations of a call, secrets masked. `None` if it was not forwarded.
pub(super) fn of(call: &Entry) -> Option<Vec<JournalViolation>> {
    call.forwarded.get()?;
    let shown = call.violations().iter().map(|violation| {
        let is_secret = redact::names_secret(&violation.pointer);
        JournalViolation {
            side: match violation.side {
                Side::Request => ViolationSide::Request,
                Side::Response => ViolationSide::Response,
            },
            pointer: violation.pointer.clone(),
            detail: if is_secret { "***".into() } else { violation.detail.clone() },
        }
    });
    Some(shown.collect())
}
