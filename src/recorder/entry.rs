//! A journal entry: the call as it arrived, and data that is filled in later.

use std::{
    sync::{OnceLock, atomic::AtomicUsize},
    time::Instant,
};

use bytes::Bytes;
use http::{Method, StatusCode};
use parking_lot::Mutex;
use serde_json::Value;

use super::{coverage::Fields, headers::PackedHeaders};
use crate::value::{Error, Text, Timestamp, json};

/// Approximate size of an entry in addition to its bytes.
const ENTRY: usize = 1 << 9;

/// How undocumented input is handled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Handling {
    /// Accepted, as by the API.
    Lenient,
    /// Rejected.
    Strict,
}

/// The journal's method for frames of the realtime API that had no effect.
pub(crate) const FRAME: &str = "WEBSOCKET";

/// A call as it arrived, copied from the connection's read buffer, which it would otherwise keep alive.
pub(crate) struct RecordedRequest {
    pub(crate) method: Method,
    /// Includes the target as sent, before prefixes are stripped.
    pub(crate) head: PackedHeaders,
    pub(crate) body: Bytes,
    /// Whether the body is truncated.
    pub(crate) cut: bool,
    /// Whether the call used TLS.
    pub(crate) secure: bool,
}

/// Data about a forwarded call once its response has ended.
pub(crate) struct Forwarded {
    /// The beginning of a streamed request body, and whether it is truncated.
    pub(crate) body: Option<(Bytes, bool)>,
    /// Whether the recorded body of the response is truncated.
    pub(crate) answer_cut: bool,
    pub(crate) violations: Vec<ContractViolation>,
}

/// A part of a forwarded call that the contract does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContractViolation {
    pub(crate) side: Side,
    /// JSON pointer into the body, or `/query/NAME`, `/header/NAME`, or `/status`.
    pub(crate) pointer: Text,
    pub(crate) detail: Text,
}

/// The message that violates the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

impl Forwarded {
    fn size(&self) -> usize {
        let violations = self.violations.iter().map(|violation| violation.pointer.len() + violation.detail.len());
        self.body.as_ref().map_or(0, |(body, _)| body.len()) + violations.sum::<usize>()
    }
}

/// An entry. The cells are filled in while the call is handled.
pub(crate) struct Entry {
    /// 1-based, since the start or the last reset.
    pub(crate) number: u64,
    /// Time of arrival, according to the sandbox's clock.
    pub(crate) at: Timestamp,
    pub(crate) request: RecordedRequest,
    /// The operation, if the router found one.
    pub(crate) operation: OnceLock<&'static str>,
    /// The name of the injected fault.
    pub(crate) fault: OnceLock<Box<str>>,
    pub(crate) answer: OnceLock<RecordedResponse>,
    /// Set before the response, if the call was forwarded.
    pub(crate) forwarded: OnceLock<Box<Forwarded>>,
    /// The paths of the body fields, kept from parsing until coverage has counted them.
    pub(crate) fields: Mutex<Option<Fields>>,
    pub(crate) arrived: Instant,
    /// Bytes that the journal has charged for the entry; at least `GONE` once it is evicted.
    pub(crate) counted: AtomicUsize,
}

/// The response to a call.
pub(crate) struct RecordedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: PackedHeaders,
    pub(crate) body: Bytes,
    /// Whether the body shares its memory with that of an earlier response.
    pub(crate) again: bool,
    /// Wall-clock microseconds since the arrival.
    pub(crate) latency: u64,
    /// The error, if the call was rejected.
    pub(crate) refusal: Option<Error>,
}

impl RecordedResponse {
    pub(crate) fn size(&self) -> usize {
        self.headers.len() + if self.again { 0 } else { self.body.len() }
    }
}

impl RecordedRequest {
    pub(crate) fn path(&self) -> &str {
        self.parts().0
    }

    pub(crate) fn query(&self) -> &str {
        self.parts().1
    }

    /// Scheme, host, and port of the URL that the client called.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.head.get("host").unwrap_or("127.0.0.1:4010"))
    }

    fn parts(&self) -> (&str, &str) {
        let target = self.head.target();
        target.split_once('?').unwrap_or((target, ""))
    }

    pub(crate) fn size(&self) -> usize {
        ENTRY + self.head.len() + self.body.len()
    }
}

impl Entry {
    /// The recorded body.
    pub(crate) fn body(&self) -> &Bytes {
        let late = self.forwarded.get().and_then(|forwarded| forwarded.body.as_ref());
        late.map_or(&self.request.body, |(body, _)| body)
    }

    /// Whether the recorded body is truncated.
    pub(crate) fn is_cut(&self) -> bool {
        let late = self.forwarded.get().and_then(|forwarded| forwarded.body.as_ref());
        late.map_or(self.request.cut, |(_, cut)| *cut)
    }

    /// The violations of the contract by a forwarded call.
    pub(crate) fn violations(&self) -> &[ContractViolation] {
        self.forwarded.get().map_or(&[], |forwarded| &forwarded.violations)
    }

    /// Size of the data filled in with the response, in bytes.
    pub(crate) fn late_size(&self) -> usize {
        self.forwarded.get().map_or(0, |forwarded| forwarded.size())
    }

    /// Keeps the field paths of a parsed body, so that coverage need not parse it again.
    pub(crate) fn note(&self, body: &Value) {
        *self.fields.lock() = Some(Fields::of(body));
    }

    /// Takes the field paths of the body, if they were noted.
    pub(crate) fn take_fields(&self) -> Option<Fields> {
        self.fields.lock().take()
    }

    /// Parses the body for its field paths, for operations that do not parse it as JSON themselves.
    pub(crate) fn read_fields(&self) -> Fields {
        json::read(self.body()).as_ref().map(Fields::of).unwrap_or_default()
    }
}
