//! A call as the journal writes it down, and what of it is known later.

use std::{
    sync::{OnceLock, atomic::AtomicUsize},
    time::Instant,
};

use bytes::Bytes;
use http::{Method, StatusCode};
use parking_lot::Mutex;
use serde_json::Value;

use super::{coverage::Fields, headers::PackedHeaders};
use crate::value::{Error, Timestamp, json};

/// What an entry takes beside its bytes, by and large.
const ENTRY: usize = 1 << 9;

/// How input that is not documented is treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Handling {
    /// As the API does.
    Lenient,
    /// It is rejected.
    Strict,
}

/// The method under which the journal lists frames of the realtime API that had no effect.
pub(crate) const FRAME: &str = "WEBSOCKET";

/// A call, as it came. Nothing of it shares the buffer that it was read into.
pub(crate) struct RecordedRequest {
    pub(crate) method: Method,
    /// The target in it is as it was sent, before prefixes were taken off.
    pub(crate) head: PackedHeaders,
    pub(crate) body: Bytes,
    /// Whether the body had more bytes.
    pub(crate) cut: bool,
    /// Whether it came over TLS.
    pub(crate) secure: bool,
}

/// An entry. What is known later is filled in later.
pub(crate) struct Entry {
    /// Counted from 1 since the start or the last reset.
    pub(crate) number: u64,
    /// When it arrived, by the clock of the fake.
    pub(crate) at: Timestamp,
    pub(crate) request: RecordedRequest,
    /// Of an operation that the router found.
    pub(crate) operation: OnceLock<&'static str>,
    /// What went wrong on purpose.
    pub(crate) fault: OnceLock<Box<str>>,
    pub(crate) answer: OnceLock<RecordedResponse>,
    /// The paths of the fields in its body, from when it was read until they are counted.
    pub(crate) fields: Mutex<Option<Fields>>,
    pub(crate) arrived: Instant,
    /// Bytes that the journal counts for it, or more where it holds the call no more.
    pub(crate) counted: AtomicUsize,
}

/// What was answered.
pub(crate) struct RecordedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: PackedHeaders,
    pub(crate) body: Bytes,
    /// Whether the body is that of an answer before, too.
    pub(crate) again: bool,
    /// Microseconds of the machine's time since the arrival.
    pub(crate) latency: u64,
    /// Why it is a refusal, where it is one.
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

    /// Scheme, host and port by which the client called.
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
    /// Notes what its body says, which need not be read again.
    pub(crate) fn note(&self, body: &Value) {
        *self.fields.lock() = Some(Fields::of(body));
    }

    /// The paths of the fields in its body, if they were noted. They are not held any longer.
    pub(crate) fn take_fields(&self) -> Option<Fields> {
        self.fields.lock().take()
    }

    /// The same, of a body that nothing but this reads as JSON.
    pub(crate) fn read_fields(&self) -> Fields {
        json::read(&self.request.body).as_ref().map(Fields::of).unwrap_or_default()
    }
}
