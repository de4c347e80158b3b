//! A sandbox, seen from code: its clock, its faults, its journal and its snapshots.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{client::Client, fault::Fault};
use crate::{
    control,
    recorder::{entry::Entry, journal::Remembered},
    runtime::clock::Unreachable,
    state::{
        fixture,
        snapshot::{self, Snapshot},
    },
    value::Timestamp,
};

/// A world of its own in a fake. What happens here is seen nowhere else.
///
/// ```
/// use std::time::Duration;
///
/// use tiledesk_mock::Fake;
///
/// let fake = Fake::builder().start()?;
/// let sandbox = fake.sandbox("offices");
/// sandbox.take_snapshot("before");
/// sandbox.freeze();
/// let start = sandbox.now();
/// sandbox.advance(Duration::from_secs(3_600))?;
/// assert_eq!(sandbox.now(), start + Duration::from_secs(3_600));
/// assert_eq!(sandbox.changes_since("before")?, serde_json::json!({}));
/// assert!(sandbox.restore("after").is_err(), "there is no such snapshot");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Sandbox {
    pub(super) inner: Arc<crate::state::sandbox::Sandbox>,
    pub(super) url: String,
    pub(super) client: Client,
}

/// Why something could not be done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// A call that a sandbox remembers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedCall {
    /// Counted from 1 since the start or the last reset.
    pub number: u64,
    /// Such as `get_lead`, of a call that the router found an operation for.
    pub operation: Option<&'static str>,
    /// HTTP method.
    pub method: Method,
    /// Path and query, as they were sent.
    pub uri: Uri,
    /// As they were sent, secrets included.
    pub headers: HeaderMap,
    /// The first 512,000 bytes.
    pub body: Bytes,
    /// What went wrong on purpose.
    pub fault: Option<String>,
    /// Of a call that was answered.
    pub status: Option<StatusCode>,
    /// Body of the answer.
    pub answer: Option<Bytes>,
}

impl From<&Entry> for RecordedCall {
    fn from(call: &Entry) -> Self {
        let (request, answer) = (&call.request, call.answer.get());
        Self {
            number: call.number,
            operation: call.operation.get().copied(),
            method: request.method.clone(),
            uri: request.head.target().parse().unwrap_or_default(),
            headers: request.head.to_map(),
            body: request.body.clone(),
            fault: call.fault.get().map(ToString::to_string),
            status: answer.map(|answer| answer.status),
            answer: answer.map(|answer| answer.body.clone()),
        }
    }
}

impl Sandbox {
    /// The base URL, without a version prefix and without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Calls it in process.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Back to how it started: documents, ids, clock, faults, journal and webhooks. Snapshots stay.
    pub fn reset(&self) {
        self.inner.reset();
    }

    /// All documents, in the fixture format.
    ///
    /// # Panics
    ///
    /// Never: documents are JSON.
    #[must_use]
    pub fn state(&self) -> Value {
        serde_json::from_slice(&self.inner.state().tables.export()).expect("documents are JSON")
    }

    /// Replaces all documents by those of a world in the fixture format.
    pub fn set_state(&self, state: &Value) -> Result<(), Refused> {
        let tables = fixture::parse("state", &state.to_string()).map_err(|error| Refused(error.to_string()))?;
        self.inner.replace(tables);
        Ok(())
    }

    /// What its clock shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        let milliseconds = self.inner.clock.now().milliseconds();
        let span = Duration::from_millis(milliseconds.unsigned_abs());
        if milliseconds < 0 { SystemTime::UNIX_EPOCH - span } else { SystemTime::UNIX_EPOCH + span }
    }

    /// Lets its clock stand still, where it is.
    pub fn freeze(&self) {
        // A clock can always show what it shows.
        let _ = self.inner.clock.freeze(None);
    }

    /// Lets its clock stand still, so many milliseconds after 1970 (UTC). It never goes back.
    pub fn freeze_at(&self, milliseconds: i64) -> Result<(), Refused> {
        self.inner.clock.freeze(Some(Timestamp::from_milliseconds(milliseconds))).map_err(|why| self.unreachable(why))
    }

    /// Lets its clock jump ahead.
    pub fn advance(&self, by: Duration) -> Result<(), Refused> {
        self.inner.clock.advance(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)).map_err(|why| self.unreachable(why))
    }

    /// Lets its clock run with the machine's again.
    pub fn run(&self) -> Result<(), Refused> {
        self.inner.clock.run().map_err(|why| self.unreachable(why))
    }

    /// Adds a fault behind the others, and answers its number.
    pub fn add_fault(&self, fault: &Fault) -> Result<u32, Refused> {
        control::add_fault(&self.inner, &fault.told()).map_err(Refused)
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.inner.faults.clear();
    }

    /// The calls that it remembers, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.inner.journal.remembered().calls.iter().map(|call| RecordedCall::from(&**call)).collect()
    }

    /// How many calls of an operation arrived, answered or not. An error if no operation has this id, or if there were more
    /// calls than the journal remembers.
    pub fn count(&self, operation: &str) -> Result<usize, Refused> {
        control::check_operation(operation).map_err(Refused)?;
        let Remembered { calls, dropped } = self.inner.journal.remembered();
        if dropped > 0 {
            return Err(Refused(format!("the journal has dropped {dropped} calls: use a greater `Builder::journal`")));
        }
        Ok(calls.iter().filter(|call| call.operation.get() == Some(&operation)).count())
    }

    /// Waits until that many calls of an operation have arrived, answered or not, and returns them. An error if no operation has
    /// this id, or if the calls do not arrive within `timeout`; it lists what arrived instead.
    pub async fn wait_for(
        &self,
        operation: &str,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<RecordedCall>, Refused> {
        control::check_operation(operation).map_err(Refused)?;
        let mut changed = self.inner.journal.watch();
        let (over, mut is_over) = oneshot::channel::<()>();
        // A thread and not a timer: those of one runtime know nothing of another.
        std::thread::spawn(move || {
            std::thread::sleep(timeout);
            drop(over);
        });
        loop {
            let arrived: Vec<_> = self.calls().into_iter().filter(|call| call.operation == Some(operation)).collect();
            if arrived.len() >= count {
                return Ok(arrived);
            }
            tokio::select! {
                _ = changed.changed() => {}
                _ = &mut is_over => return Err(self.timed_out(operation, arrived.len(), count, timeout)),
            }
        }
    }

    fn timed_out(&self, operation: &str, arrived: usize, count: usize, timeout: Duration) -> Refused {
        let mut others = self.inner.journal.remembered().calls;
        others.retain(|call| call.operation.get() != Some(&operation));
        let instead = control::arrived_instead(&others);
        let instead = if instead.is_empty() { "nothing".to_owned() } else { instead.join("; ") };
        Refused(format!("{arrived} of {count} calls of `{operation}` arrived within {timeout:?}; instead: {instead}"))
    }

    /// Forgets all calls.
    pub fn clear_calls(&self) {
        self.inner.journal.clear();
    }

    /// Keeps all documents as they are under a name.
    pub fn take_snapshot(&self, name: &str) {
        let snapshot = Snapshot { state: self.inner.state().clone(), at: self.inner.clock.now() };
        self.inner.snapshots.keep(name.into(), snapshot);
    }

    /// Brings all documents back to what they were.
    pub fn restore(&self, name: &str) -> Result<(), Refused> {
        self.inner.restore(&self.snapshot(name)?.state);
        Ok(())
    }

    /// What changed since a snapshot, by collection: `added`, `removed` and `changed` documents.
    pub fn changes_since(&self, name: &str) -> Result<Value, Refused> {
        let before = self.snapshot(name)?.state;
        let found = snapshot::difference(&before.tables, &self.inner.state().tables);
        Ok(Value::Object(found.into_iter().map(control::told_difference).collect()))
    }

    fn snapshot(&self, name: &str) -> Result<Snapshot, Refused> {
        let snapshot = self.inner.snapshots.get(name);
        snapshot.ok_or_else(|| Refused(control::unknown_snapshot(&self.inner, name)))
    }

    fn unreachable(&self, why: Unreachable) -> Refused {
        Refused(control::unreachable(&self.inner, why))
    }
}
