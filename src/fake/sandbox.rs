//! A sandbox, seen from code: its clock, its faults, its journal and its snapshots.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::Client;
use crate::{
    control,
    world::{
        self, Timestamp,
        clock::Unreachable,
        fixture,
        journal::{self, Remembered},
        snapshot::{self, Snapshot},
    },
};

/// A world of its own in a fake. What happens here is seen nowhere else.
#[derive(Clone)]
pub struct Sandbox {
    pub(super) inner: Arc<world::Sandbox>,
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

impl From<&journal::Call> for RecordedCall {
    fn from(call: &journal::Call) -> Self {
        let (request, answer) = (&call.request, call.answer.get());
        Self {
            number: call.number,
            operation: call.operation.get().copied(),
            method: request.method.clone(),
            uri: request.uri.clone(),
            headers: request.headers.clone(),
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
        self.inner.clock.freeze(Some(Timestamp::from_milliseconds(milliseconds))).map_err(unreachable)
    }

    /// Lets its clock jump ahead.
    pub fn advance(&self, by: Duration) -> Result<(), Refused> {
        self.inner.clock.advance(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)).map_err(unreachable)
    }

    /// Lets its clock run with the machine's again.
    pub fn run(&self) -> Result<(), Refused> {
        self.inner.clock.run().map_err(unreachable)
    }

    /// Adds a fault behind the others, and answers its number.
    pub fn add_fault(&self, fault: &Fault) -> Result<u32, Refused> {
        control::add_fault(&self.inner, fault.told()).map_err(Refused)
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

    /// The calls of an operation that it remembers. `None` when there were more calls than it remembers.
    #[must_use]
    pub fn count(&self, operation: &str) -> Option<usize> {
        let Remembered { calls, dropped } = self.inner.journal.remembered();
        (dropped == 0).then(|| calls.iter().filter(|call| call.operation.get() == Some(&operation)).count())
    }

    /// Waits until so many calls of an operation have arrived, at most so long; answers those that have. They count from the
    /// moment in which they arrive, answered or not.
    pub async fn wait_for(&self, operation: &str, count: usize, patience: Duration) -> Vec<RecordedCall> {
        let mut changed = self.inner.journal.watch();
        let (over, mut is_over) = oneshot::channel::<()>();
        // A thread and not a timer: those of one runtime know nothing of another.
        std::thread::spawn(move || {
            std::thread::sleep(patience);
            drop(over);
        });
        loop {
            let arrived: Vec<_> = self.calls().into_iter().filter(|call| call.operation == Some(operation)).collect();
            if arrived.len() >= count {
                return arrived;
            }
            tokio::select! {
                _ = changed.changed() => {}
                _ = &mut is_over => return arrived,
            }
        }
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
        self.inner.snapshots.get(name).ok_or_else(|| Refused(format!("There is no snapshot {name}.")))
    }
}

fn unreachable(why: Unreachable) -> Refused {
    Refused(match why {
        Unreachable::Passed(now) => format!("A clock never goes back, and it shows {now}."),
        Unreachable::Beyond => "Dates end with the year 9998.".to_owned(),
    })
}

/// Something that is to go wrong, with the calls that fit.
#[derive(Clone, Debug)]
pub struct Fault {
    rule: Map<String, Value>,
    pattern: Map<String, Value>,
    effect: Map<String, Value>,
}

impl Fault {
    fn of(effect: &str, value: Value) -> Self {
        let effect = Map::from_iter([(effect.to_owned(), value)]);
        Self { rule: Map::new(), pattern: Map::new(), effect }
    }

    /// A refusal with this status, from 400 to 599, in the API's own words.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::of("status", json!(status))
    }

    /// A delay of so many milliseconds.
    #[must_use]
    pub fn delay(milliseconds: u32) -> Self {
        Self::of("delay", json!(milliseconds))
    }

    /// A connection that is reset before the call does anything.
    #[must_use]
    pub fn reset_before() -> Self {
        Self::of("reset", json!("before"))
    }

    /// A connection that is reset when the call has done everything, instead of an answer.
    #[must_use]
    pub fn reset_after() -> Self {
        Self::of("reset", json!("after"))
    }

    /// A connection that ends after so many bytes of the body.
    #[must_use]
    pub fn cut(bytes: u32) -> Self {
        Self::of("cut", json!(bytes))
    }

    /// An answer whose JSON cannot be read.
    #[must_use]
    pub fn malformed() -> Self {
        Self::of("malformed", json!(true))
    }

    /// An answer that claims another content type.
    #[must_use]
    pub fn content_type(content_type: &str) -> Self {
        Self::of("contentType", json!(content_type))
    }

    /// With this JSON body; only of a refusal.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.effect.insert("body".to_owned(), body);
        self
    }

    /// With `Retry-After`; only of a refusal.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.effect.insert("retryAfter".to_owned(), json!(seconds));
        self
    }

    /// Only calls of this operation, such as `get_lead`.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.pattern.insert("operation".to_owned(), json!(operation));
        self
    }

    /// Only calls whose path fits this glob.
    #[must_use]
    pub fn on_path(mut self, glob: &str) -> Self {
        self.pattern.insert("path".to_owned(), json!(glob));
        self
    }

    /// Only calls with this method.
    #[must_use]
    pub fn on_method(mut self, method: &Method) -> Self {
        self.pattern.insert("method".to_owned(), json!(method.as_str()));
        self
    }

    /// Only calls with a header whose value fits this glob; each header that is named has to fit.
    #[must_use]
    pub fn on_header(mut self, name: &str, glob: &str) -> Self {
        self.among("headers", name, json!(glob));
        self
    }

    /// Only calls whose JSON body has this value at this pointer; each pointer that is named has to fit.
    #[must_use]
    pub fn on_body(mut self, pointer: &str, value: Value) -> Self {
        self.among("body", pointer, value);
        self
    }

    fn among(&mut self, part: &str, name: &str, value: Value) {
        let part = self.pattern.entry(part).or_insert_with(|| json!({}));
        part[name] = value;
    }

    /// Only the call that fits as so manieth, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.rule.insert("nth".to_owned(), json!(nth));
        self
    }

    /// So many calls and no more.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.rule.insert("times".to_owned(), json!(times));
        self
    }

    /// Each call with this probability, from 0 to 1, drawn from the seed.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.rule.insert("probability".to_owned(), json!(probability));
        self
    }

    /// As the control API takes it.
    fn told(&self) -> Value {
        let mut told = self.rule.clone();
        told.insert("match".to_owned(), Value::Object(self.pattern.clone()));
        told.insert("effect".to_owned(), Value::Object(self.effect.clone()));
        Value::Object(told)
    }
}
