//! A sandbox in code: its documents, clock, faults, journal, webhooks, and snapshots.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{Error, Expectation, Times, client::Client, fault::Fault};
use crate::{
    control,
    recorder::{entry::Entry, journal::Remembered},
    runtime::clock::{Change, ClockSetting, Unreachable},
    state::{
        fixture, outbox,
        snapshot::{self, Snapshot},
    },
};

/// An isolated copy of the world, with its own documents, clock, faults, journal, webhooks, and snapshots.
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

/// A call in the journal of a sandbox.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedCall {
    /// Counted from 1 since the start or the last reset.
    pub number: u64,
    /// Operation ID, such as `get_lead`, if an operation matched.
    pub operation: Option<&'static str>,
    /// HTTP method.
    pub method: Method,
    /// Path and query as sent.
    pub uri: Uri,
    /// Request headers as sent, secrets included.
    pub headers: HeaderMap,
    /// First 512,000 bytes of the request body.
    pub body: Bytes,
    /// Name of the injected fault, if any.
    pub fault: Option<String>,
    /// Response status, once there is a response.
    pub status: Option<StatusCode>,
    /// Response body, once there is a response.
    pub response: Option<Bytes>,
}

/// A webhook delivery.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// Counted from 1 since the start or the last reset.
    pub number: u64,
    /// Event name, such as `lead.create`.
    pub event: String,
    /// Target URL.
    pub target: String,
    /// Request body as sent.
    pub body: Bytes,
    /// Status of each attempt, or `None` for an attempt without a response.
    pub attempts: Vec<Option<u16>>,
    /// State of the delivery.
    pub state: DeliveryState,
}

/// The state of a webhook delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryState {
    /// Queued, or waiting for a retry.
    Pending,
    /// The target acknowledged it.
    Delivered,
    /// Every attempt failed.
    Failed,
    /// The target is not allowed (see [`WebhookTargets`](crate::WebhookTargets)).
    Blocked,
}

/// A call to a test inbox: `/_control/webhooks/inbox/NAME` of the sandbox.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InboxCall {
    /// HTTP method.
    pub method: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// Request body.
    pub body: Bytes,
}

impl From<outbox::Delivery> for Delivery {
    fn from(delivery: outbox::Delivery) -> Self {
        Self {
            number: delivery.number,
            event: delivery.event.to_string(),
            target: delivery.target.to_string(),
            body: delivery.body,
            attempts: delivery.attempts.into_iter().map(|attempt| attempt.status).collect(),
            state: match delivery.state {
                outbox::DeliveryState::Pending => DeliveryState::Pending,
                outbox::DeliveryState::Delivered => DeliveryState::Delivered,
                outbox::DeliveryState::Failed => DeliveryState::Failed,
                outbox::DeliveryState::Refused => DeliveryState::Blocked,
            },
        }
    }
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
            body: call.body().clone(),
            fault: call.fault.get().map(ToString::to_string),
            status: answer.map(|answer| answer.status),
            response: answer.map(|answer| answer.body.clone()),
        }
    }
}

impl Sandbox {
    /// The base URL, without a version prefix and without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client that calls the sandbox in process.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Resets documents, IDs, clock, faults, journal, and webhooks to their state at startup. Snapshots are kept.
    pub fn reset(&self) {
        self.inner.reset();
    }

    /// All documents in the fixture format.
    ///
    /// # Panics
    ///
    /// Never: documents are JSON.
    #[must_use]
    pub fn state(&self) -> Value {
        serde_json::from_slice(&self.inner.state().tables.export()).expect("documents are JSON")
    }

    /// Replaces all documents by a world in the fixture format. A reset returns to the world that the fake started with; to change
    /// that, use [`FakeBuilder::world`](crate::FakeBuilder::world).
    pub fn set_state(&self, state: &Value) -> Result<(), Error> {
        self.inner.replace(fixture::parse("state", &state.to_string())?);
        Ok(())
    }

    /// The seed from which IDs and random values are derived.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.inner.seed()
    }

    /// Changes the seed from which further IDs and random values are derived.
    pub fn set_seed(&self, seed: u64) {
        self.inner.reseed(seed);
    }

    /// The current time of its clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.inner.clock.now().into()
    }

    /// Freezes its clock at the current time.
    pub fn freeze(&self) {
        // Never an error: the time does not change.
        let _ = self.inner.set_clock(Change::Freeze(None));
    }

    /// Freezes its clock at a time that is not before the latest write.
    pub fn freeze_at(&self, time: SystemTime) -> Result<(), Error> {
        self.set_clock(Change::Freeze(Some(time.into())))
    }

    /// Advances its clock, frozen or running.
    pub fn advance(&self, by: Duration) -> Result<(), Error> {
        self.set_clock(Change::Advance(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Starts its clock over with a setting, such as `"2026-01-01T12:00:00Z+x60".parse()?`, until the next reset.
    pub fn start_clock(&self, setting: ClockSetting) -> Result<(), Error> {
        self.set_clock(Change::Start(setting))
    }

    /// Returns to real time. Fails if documents were written at a later time.
    pub fn resume(&self) -> Result<(), Error> {
        self.start_clock(ClockSetting::Real)
    }

    /// Adds a fault after the existing ones, and returns its number. The first matching fault applies.
    pub fn inject(&self, fault: &Fault) -> Result<u32, Error> {
        control::add_fault(&self.inner, &fault.to_json()).map_err(Error::InvalidFault)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.inner.faults.clear();
    }

    /// The calls in the journal, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.inner.journal.remembered().calls.iter().map(|call| RecordedCall::from(&**call)).collect()
    }

    /// Number of calls of an operation that arrived, with or without a response yet.
    pub fn count(&self, operation: &str) -> Result<usize, Error> {
        control::check_operation(operation).map_err(Error::UnknownOperation)?;
        let Remembered { calls, dropped } = self.inner.journal.remembered();
        if dropped > 0 {
            return Err(Error::JournalOverflow { dropped });
        }
        Ok(calls.iter().filter(|call| call.operation.get() == Some(&operation)).count())
    }

    /// Expects a number of calls of an operation from now until the returned guard is dropped: `3`, `1..`, `..=2`.
    pub fn expect(&self, operation: &str, times: impl Into<Times>) -> Result<Expectation, Error> {
        Expectation::new(self.inner.clone(), operation, times.into())
    }

    /// Waits until `count` calls of an operation have arrived, with or without a response yet, and returns them.
    pub async fn wait_for(&self, operation: &str, count: usize, timeout: Duration) -> Result<Vec<RecordedCall>, Error> {
        control::check_operation(operation).map_err(Error::UnknownOperation)?;
        let mut changed = self.inner.journal.watch();
        let (over, mut is_over) = oneshot::channel::<()>();
        // A thread instead of a timer: the caller's runtime may not be tokio.
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

    fn timed_out(&self, operation: &str, arrived: usize, expected: usize, timeout: Duration) -> Error {
        let mut others = self.inner.journal.remembered().calls;
        others.retain(|call| call.operation.get() != Some(&operation));
        let instead = control::arrived_instead(&others);
        let instead = if instead.is_empty() { "nothing".to_owned() } else { instead.join("; ") };
        Error::Timeout { operation: operation.to_owned(), expected, arrived, timeout, instead }
    }

    /// Empties the journal.
    pub fn clear_journal(&self) {
        self.inner.clear_journal();
    }

    /// The webhook deliveries, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.inner.outbox.deliveries().into_iter().map(Delivery::from).collect()
    }

    /// The URL of a test inbox, as the target of a subscription. Calls to it are kept for [`inbox`](Self::inbox).
    #[must_use]
    pub fn inbox_url(&self, name: &str) -> String {
        format!("{}/_control/webhooks/inbox/{name}", self.url)
    }

    /// The calls that a test inbox received, oldest first.
    #[must_use]
    pub fn inbox(&self, name: &str) -> Vec<InboxCall> {
        let calls = self.inner.outbox.inbox(name).into_iter().filter_map(|call| call.upgrade());
        calls
            .map(|call| InboxCall {
                method: call.method.clone(),
                headers: call.headers.clone(),
                body: call.body.clone(),
            })
            .collect()
    }

    /// Takes a snapshot of all documents. It costs no copy.
    pub fn take_snapshot(&self, name: &str) {
        let snapshot = Snapshot { state: self.inner.state().clone(), at: self.inner.clock.now() };
        self.inner.snapshots.keep(name.into(), snapshot);
    }

    /// Restores all documents to a snapshot.
    pub fn restore(&self, name: &str) -> Result<(), Error> {
        self.inner.restore(&self.snapshot(name)?.state);
        Ok(())
    }

    /// The changes since a snapshot, by collection: `added`, `removed`, and `changed` documents.
    pub fn changes_since(&self, name: &str) -> Result<Value, Error> {
        let before = self.snapshot(name)?.state;
        let found = snapshot::difference(&before.tables, &self.inner.state().tables);
        Ok(Value::Object(found.into_iter().map(control::told_difference).collect()))
    }

    fn snapshot(&self, name: &str) -> Result<Snapshot, Error> {
        let snapshot = self.inner.snapshots.get(name);
        snapshot.ok_or_else(|| Error::UnknownSnapshot(control::unknown_snapshot(&self.inner, name)))
    }

    fn set_clock(&self, change: Change) -> Result<(), Error> {
        self.inner.set_clock(change).map_err(|why| {
            let message = control::unreachable(why);
            match why {
                Unreachable::Written(at) => Error::ClockWouldGoBack { now: at.into(), message },
                Unreachable::Beyond => Error::ClockOutOfRange(message),
            }
        })
    }
}
