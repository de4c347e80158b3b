//! The journal: what was asked of a sandbox and what it answered.

pub(super) mod arrived;
mod filter;
mod har;

use std::{sync::Arc, time::Duration};

use poem_openapi::{
    Object, OpenApi,
    types::{Any, ToJSON},
};
use serde_json::Value;

use self::filter::{CallFilter, Wanted};
use super::Tag;
use crate::{
    http::{Contract, Contracts, Filter, Problem, Reply, Selected, blocking},
    recorder::{entry::Entry, journal::Remembered, redact},
    state::Sandbox,
    value::{JsonObject, Text, Timestamp},
};

/// Milliseconds that a call waits unless it says how long.
const PATIENCE: u32 = 5_000;

/// Which calls to list, and how many of them.
#[derive(Object)]
struct CallPage {
    #[oai(flatten)]
    filter: CallFilter,
    /// Maximum number of calls: the latest ones, or with `after` the first ones after it. All by default.
    #[oai(validator(minimum(value = "1")))]
    limit: Option<u32>,
}

/// How many calls to wait for, and which.
#[derive(Object)]
struct CallAwaited {
    #[oai(flatten)]
    filter: CallFilter,
    /// Number of calls to wait for (default 1).
    #[oai(validator(minimum(value = "1")))]
    count: Option<u32>,
    /// Timeout in wall-clock milliseconds (default 5000).
    timeout: Option<u32>,
}

/// The calls that a journal remembers.
#[derive(Object)]
struct JournalPage {
    /// Number of remembered calls that fit, including those beyond `limit`.
    count: u32,
    /// Calls that the journal remembers no more.
    dropped: u64,
    /// Each of them, oldest first.
    calls: Vec<JournalCall>,
}

/// A call, secrets masked.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct JournalCall {
    /// Number, counted from 1.
    id: u64,
    /// When it arrived, by the clock of the fake.
    at: Timestamp,
    /// Operation, of a call that the router found one for.
    operation: Option<Text>,
    /// HTTP method; `WEBSOCKET` for a frame that the realtime API ignored, with the error as the answer.
    method: Text,
    /// Path and query, as they were sent.
    path: Text,
    /// Headers, by their names in lower case.
    headers: JsonObject,
    /// Body: what JSON stands for, and a text otherwise.
    body: Option<Any<Value>>,
    /// Whether the body had more bytes, which are not remembered.
    truncated: bool,
    /// Query parameters that the operation does not know. They had no effect.
    ignored: Option<Vec<Text>>,
    /// What went wrong on purpose: the name of the fault, or `preferred`.
    fault: Option<Text>,
    /// What was answered, of a call that was.
    answer: Option<JournalAnswer>,
}

/// An answer, secrets masked.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct JournalAnswer {
    /// Status.
    status: u16,
    /// Headers, by their names in lower case.
    headers: JsonObject,
    /// Body: what JSON stands for, and a text otherwise.
    body: Option<Any<Value>>,
    /// Microseconds of the machine's time from the arrival on.
    latency: u64,
}

/// How many calls there were.
#[derive(Object)]
struct CallCount {
    /// How many.
    count: u32,
}

/// The digest of a run.
#[derive(Object)]
struct RunDigest {
    /// Equal for runs with the same calls, responses and webhook deliveries.
    digest: Text,
    /// Number of calls in it.
    calls: u64,
    /// Number of webhook deliveries in it.
    webhooks: u64,
}

async fn page(documentation: &Contracts, count: usize, remembered: Remembered) -> Reply<JournalPage> {
    // It is written when it is needed for the first time, which takes a while.
    let has_query = remembered.calls.iter().any(|call| !call.request.query().is_empty());
    let contract = if has_query { Some(documentation.contract().await) } else { None };
    let start = format!(r#"{{"count":{},"dropped":{},"calls":"#, size(count), remembered.dropped);
    let calls = unless_evicted(&remembered.calls);
    Reply::listed(start, calls.map(move |call| told(&call, contract.as_deref()).to_json_string().into()), "}")
}

/// Calls that are looked up when it is their turn: a slow reader does not keep them in memory.
fn unless_evicted(calls: &[Arc<Entry>]) -> impl Iterator<Item = Arc<Entry>> + Send + use<> {
    let calls: Vec<_> = calls.iter().map(Arc::downgrade).collect();
    calls.into_iter().filter_map(|call| call.upgrade())
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn told(call: &Entry, contract: Option<&Contract>) -> JournalCall {
    let request = &call.request;
    let ignored = contract.map(|contract| contract.ignored(call)).unwrap_or_default();
    JournalCall {
        id: call.number,
        at: call.at,
        operation: call.operation.get().map(|operation| (*operation).into()),
        method: request.method.as_str().into(),
        path: redact::target(request.head.target()).into(),
        headers: JsonObject(redact::headers(&request.head)),
        body: redact::body(&request.body).map(Any),
        truncated: request.cut,
        ignored: (!ignored.is_empty()).then(|| ignored.into_iter().map(Text::from).collect()),
        fault: call.fault.get().map(|fault| (&**fault).into()),
        answer: call.answer.get().map(|answer| JournalAnswer {
            status: answer.status.as_u16(),
            headers: JsonObject(redact::headers(&answer.headers)),
            body: redact::body(&answer.body).map(Any),
            latency: answer.latency,
        }),
    }
}

/// Waits until what was committed was looked at, so that the deliveries that follow from it are known.
pub(super) async fn settled(sandbox: &Sandbox) {
    while sandbox.outbox.has_signals() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub(super) struct JournalControl;

#[OpenApi(tag = "Tag::Journal")]
impl JournalControl {
    /// List calls
    ///
    /// The calls of the imitated API that the sandbox remembers: the last ones, up to a number and a size.
    #[oai(path = "/journal", method = "get", operation_id = "list_calls")]
    async fn list(
        &self,
        selected: Selected,
        documentation: Contracts,
        filter: Filter<CallPage>,
    ) -> Result<Reply<JournalPage>, Problem> {
        let CallPage { filter, limit } = filter.0;
        let wanted = Wanted::new(filter)?;
        let (count, found) = blocking(move || wanted.limited(&selected.0, limit)).await;
        Ok(page(&documentation, count, found).await)
    }

    /// Forget calls
    ///
    /// Empties the journal; numbers start anew. The digest keeps what the calls added to it.
    #[oai(path = "/journal", method = "delete", operation_id = "clear_journal")]
    async fn clear(&self, selected: Selected, documentation: Contracts) -> Result<Reply<JournalPage>, Problem> {
        selected.0.journal.clear();
        let left = selected.0.journal.remembered();
        Ok(page(&documentation, left.calls.len(), left).await)
    }

    /// Count calls
    ///
    /// Those that arrived, answered or not. When the journal has dropped calls the number would be wrong, and the answer is 409.
    #[oai(path = "/journal/count", method = "get", operation_id = "count_calls")]
    async fn count(&self, selected: Selected, filter: Filter<CallFilter>) -> Result<Reply<CallCount>, Problem> {
        let wanted = Wanted::new(filter.0)?;
        let Remembered { calls, dropped } = blocking(move || wanted.of(&selected.0)).await;
        if dropped > 0 {
            let text = format!(
                "The journal has dropped {dropped} calls, and cannot tell how many there were: start with a greater --journal."
            );
            return Err(Problem::of(409, &text));
        }
        Ok(Reply::of(&CallCount { count: size(calls.len()) }))
    }

    /// Wait for calls
    ///
    /// Responds when that many matching calls have arrived. A timeout is a 408 that lists what arrived instead.
    #[oai(path = "/journal/wait", method = "get", operation_id = "wait_for_calls")]
    async fn wait(
        &self,
        selected: Selected,
        documentation: Contracts,
        filter: Filter<CallAwaited>,
    ) -> Result<Reply<JournalPage>, Problem> {
        let CallAwaited { filter, count, timeout } = filter.0;
        let (wanted, count) = (Wanted::new(filter)?, count.unwrap_or(1) as usize);
        let mut changed = selected.0.journal.watch();
        let arrived = async {
            loop {
                let found = wanted.of(&selected.0);
                if found.calls.len() >= count {
                    return found;
                }
                // The sender is the sandbox's own: it cannot be gone.
                let _ = changed.changed().await;
            }
        };
        let patience = Duration::from_millis(timeout.unwrap_or(PATIENCE).into());
        if let Ok(found) = tokio::time::timeout(patience, arrived).await {
            return Ok(page(&documentation, found.calls.len(), found).await);
        }
        let came = wanted.of(&selected.0).calls.len();
        let title = format!("{came} of {count} calls arrived within {} ms.", patience.as_millis());
        Err(Problem::timeout(&title, arrived::lines(&wanted.others(&selected.0).calls)))
    }

    /// Get the digest of the run
    ///
    /// Covers every call, response and webhook delivery since the server started, across resets and cleared journals. Runs with
    /// the same seed, clock and calls have the same digest, in every sandbox: the sandbox's name, the server's address and the
    /// signatures of tokens do not count. 409 if the journal dropped calls, because it was smaller than what was called between
    /// two resets.
    #[oai(path = "/journal/digest", method = "get", operation_id = "get_digest")]
    async fn digest(&self, selected: Selected) -> Result<Reply<RunDigest>, Problem> {
        settled(&selected.0).await;
        let sandbox = selected.0.clone();
        let (calls, dropped) = blocking(move || sandbox.journal.digest()).await;
        if dropped > 0 {
            let text = format!(
                "The journal has dropped {dropped} calls, so the run has no digest: start with a greater --journal."
            );
            return Err(Problem::of(409, &text));
        }
        let webhooks = selected.0.outbox.digest();
        let digest = calls.with(&webhooks).into();
        Ok(Reply::of(&RunDigest { digest, calls: calls.count, webhooks: webhooks.count }))
    }

    /// Export calls as HAR
    ///
    /// The answered calls as an HTTP archive (HAR 1.2), which browsers and many tools open. Secrets are masked.
    #[oai(path = "/journal/har", method = "get", operation_id = "export_har")]
    async fn har(&self, selected: Selected, filter: Filter<CallPage>) -> Result<Reply<JsonObject>, Problem> {
        let CallPage { filter, limit } = filter.0;
        let wanted = Wanted::new(filter)?;
        let (_, found) = blocking(move || wanted.limited(&selected.0, limit)).await;
        let entries = unless_evicted(&found.calls).filter_map(|call| har::entry(&call));
        Ok(Reply::listed(har::start(), entries.map(|entry| entry.to_string().into_bytes()), "}}"))
    }
}
