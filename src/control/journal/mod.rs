//! The journal: recorded calls of a sandbox and their responses.

pub(super) mod arrived;
mod entry;
mod filter;
mod har;
mod stream;
mod travel;

use std::{sync::Arc, time::Duration};

use poem::http::HeaderMap;
use poem_openapi::{
    Object, OpenApi,
    types::{Any, ToJSON},
};
use serde_json::Value;

pub(super) use self::travel::TravelControl;
use self::{
    entry::CallDetail,
    filter::{CallFilter, Wanted},
    stream::Reader,
};
use super::{
    Tag,
    violation::{self, JournalViolation},
};
use crate::{
    http::{AllSandboxes, Contract, Contracts, EventStream, Filter, Path, Problem, Reply, Selected, blocking},
    recorder::{entry::Entry, journal::Remembered, redact},
    state::Sandbox,
    value::{JsonObject, Text, Timestamp},
};

/// Default timeout of a wait, in milliseconds.
const PATIENCE: u32 = 5_000;

/// Which calls to list, and how many.
#[derive(Object)]
struct CallPage {
    #[oai(flatten)]
    filter: CallFilter,
    /// Maximum number of calls (default: all): the latest ones, or with `after` the first ones after that number.
    #[oai(validator(minimum(value = "1")))]
    limit: Option<u32>,
}

/// Which calls to wait for, and how many.
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

/// Which calls to stream, and where to start. Everything else on the timeline is streamed, too.
#[derive(Object)]
struct StreamFilter {
    /// Position on the timeline after which the stream starts (default: the value of the header `Last-Event-ID`,
    /// otherwise 0).
    #[oai(validator(maximum(value = "9007199254740991")))]
    after: Option<u64>,
    /// Only calls of this operation, such as `get_lead`.
    operation: Option<Text>,
    /// Only calls with this HTTP method (case-insensitive).
    method: Option<Text>,
    /// Only calls whose path as sent matches this glob: `*` matches anything except a slash, `**` matches anything.
    path: Option<Text>,
    /// Only calls with this response status.
    #[oai(validator(minimum(value = "100"), maximum(value = "599")))]
    status: Option<u16>,
    /// Only calls of this client (exact `User-Agent`).
    client: Option<Text>,
}

/// A page of journal calls.
#[derive(Object)]
struct JournalPage {
    /// Number of recorded calls that match, including those beyond `limit`.
    count: u32,
    /// Number of calls that were evicted from the journal.
    dropped: u64,
    /// The matching calls, oldest first.
    calls: Vec<JournalCall>,
}

/// A recorded call, secrets masked.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct JournalCall {
    /// Number of the call, counted from 1.
    id: u64,
    /// Time of arrival, according to the sandbox's clock.
    at: Timestamp,
    /// Operation, if the call matched one.
    operation: Option<Text>,
    /// HTTP method, `GET` for `HEAD`; `WEBSOCKET` for a frame that the realtime API ignored, with the error as `answer`.
    method: Text,
    /// Path and query, as sent.
    path: Text,
    /// Headers by lowercase name.
    headers: JsonObject,
    /// Body: the parsed value if it is JSON other than `null`, otherwise a string.
    body: Option<Any<Value>>,
    /// Whether the recorded body is truncated.
    truncated: bool,
    /// Query parameters unknown to the operation. They had no effect.
    ignored: Option<Vec<Text>>,
    /// Injected failure: the name of the fault, or `preferred`.
    fault: Option<Text>,
    /// Violations of the contract, if a proxy forwarded the call.
    violations: Option<Vec<JournalViolation>>,
    /// The response, if one was sent.
    answer: Option<JournalAnswer>,
}

/// A recorded response, secrets masked.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct JournalAnswer {
    /// HTTP status.
    status: u16,
    /// Headers by lowercase name.
    headers: JsonObject,
    /// Body: the parsed value if it is JSON other than `null`, otherwise a string.
    body: Option<Any<Value>>,
    /// Time from arrival to response in wall-clock microseconds.
    latency: u64,
}

/// A number of calls.
#[derive(Object)]
struct CallCount {
    /// Number of matching calls.
    count: u32,
}

/// The digest of a run.
#[derive(Object)]
struct RunDigest {
    /// Equal for runs with the same calls, responses, and webhook deliveries.
    digest: Text,
    /// Number of calls included.
    calls: u64,
    /// Number of webhook deliveries included.
    webhooks: u64,
}

async fn page(documentation: &Contracts, count: usize, remembered: Remembered) -> Reply<JournalPage> {
    // The contract is built on first use, which takes a while.
    let has_query = remembered.calls.iter().any(|call| !call.request.query().is_empty());
    let contract = if has_query { Some(documentation.contract().await) } else { None };
    let start = format!(r#"{{"count":{},"dropped":{},"calls":"#, size(count), remembered.dropped);
    let calls = unless_evicted(&remembered.calls);
    Reply::listed(start, calls.map(move |call| told(&call, contract.as_deref()).to_json_string().into()), "}")
}

/// Calls are upgraded one at a time as they are written, so that a slow reader does not keep evicted calls in memory.
fn unless_evicted(calls: &[Arc<Entry>]) -> impl Iterator<Item = Arc<Entry>> + Send + use<> {
    let calls: Vec<_> = calls.iter().map(Arc::downgrade).collect();
    calls.into_iter().filter_map(|call| call.upgrade())
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A body. `null` would be the same as no body, and is a string.
fn shown(body: &[u8]) -> Option<Any<Value>> {
    redact::body(body).map(|body| Any(if body.is_null() { "null".into() } else { body }))
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
        body: shown(call.body()),
        truncated: call.is_cut(),
        ignored: (!ignored.is_empty()).then(|| ignored.into_iter().map(Text::from).collect()),
        fault: call.fault.get().map(|fault| (&**fault).into()),
        violations: violation::of(call),
        answer: call.answer.get().map(|answer| JournalAnswer {
            status: answer.status.as_u16(),
            headers: JsonObject(redact::headers(&answer.headers)),
            body: shown(&answer.body),
            latency: answer.latency,
        }),
    }
}

/// Waits until all commits have been turned into deliveries, so that those deliveries are recorded.
pub(super) async fn settled(sandbox: &Sandbox) {
    while sandbox.outbox.has_signals() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub(super) struct JournalControl;

#[OpenApi(tag = "Tag::Journal")]
impl JournalControl {
    /// List recorded calls
    ///
    /// Lists the recorded calls of the imitated API. The journal keeps the latest ones, up to a maximum number and a
    /// maximum size.
    ///
    /// Returns the matching calls, oldest first.
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

    /// Stream the timeline
    ///
    /// Sends recorded events after a position, and then new ones, as server-sent events:
    ///
    /// - `call`: a call was completed. Same as in the list of recorded calls.
    /// - `frame`: a frame of the realtime API, with its `topic`, its `direction` (`in` from a client, `out` to
    ///   clients), the time `at`, its `kind`, and the number of the `call` that caused it.
    /// - `delivery`: a webhook delivery was queued or attempted. Same as in the list of webhook deliveries.
    /// - `change`: a call of the control API changed `what`, such as `clock` or `faults`.
    /// - `gap`: the events at positions `from` to `to` were evicted.
    /// - `end`: the sandbox was deleted, which ends the stream.
    ///
    /// The `id` of an event is its position, followed by a dash and the number of its sandbox. Browsers reconnect with
    /// the header `Last-Event-ID`, and programs also with the position as `after`, so that nothing is lost or repeated.
    /// If a deleted sandbox was created again, `Last-Event-ID` starts at the beginning of the new one. Filters apply to
    /// calls only. A comment is sent every 5 seconds. 429 if 256 streams are open.
    ///
    /// Returns the events, until the client disconnects.
    #[oai(path = "/journal/stream", method = "get", operation_id = "stream_journal")]
    async fn stream(
        &self,
        selected: Selected,
        everything: AllSandboxes,
        documentation: Contracts,
        filter: Filter<StreamFilter>,
        headers: &HeaderMap,
    ) -> Result<EventStream, Problem> {
        let place = stream::place(&everything.0)?;
        let StreamFilter { after, operation, method, path, status, client } = filter.0;
        let wanted = CallFilter { operation, method, path, status, client, ..CallFilter::default() };
        let wanted = Arc::new(Wanted::new(wanted)?);
        let (world, sandbox, contract) = (everything.0, selected.0, documentation.contract().await);
        let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
        let after = after.or(last.map(|id| stream::position(id, &sandbox))).unwrap_or_default();
        let backlog = sandbox.journal.since(after, 0).end;
        let reader = Reader { world, sandbox, wanted, contract, after, backlog, ended: false, _place: place };
        Ok(EventStream::new(reader.events()))
    }

    /// Get a recorded call
    ///
    /// Reads a call of the journal with its effects: events, webhook deliveries, and frames of the realtime API. 410 if
    /// it was evicted, 404 if there was no such call.
    ///
    /// Returns the call.
    #[oai(path = "/journal/:number", method = "get", operation_id = "get_call")]
    async fn get(
        &self,
        selected: Selected,
        documentation: Contracts,
        /// Number of the call.
        number: Path<u64>,
    ) -> Result<Reply<CallDetail>, Problem> {
        let call = entry::find(&selected.0, number.0)?;
        Ok(Reply::of(&entry::detail(&selected.0, &call, &*documentation.contract().await)))
    }

    /// Clear the journal
    ///
    /// Deletes all recorded calls; numbering restarts at 1. The digest keeps their contribution.
    ///
    /// Returns the empty journal.
    #[oai(path = "/journal", method = "delete", operation_id = "clear_journal")]
    async fn clear(&self, selected: Selected, documentation: Contracts) -> Result<Reply<JournalPage>, Problem> {
        selected.0.clear_journal();
        let left = selected.0.journal.remembered();
        Ok(page(&documentation, left.calls.len(), left).await)
    }

    /// Count recorded calls
    ///
    /// Counts matching calls, with or without a response. 409 if calls were evicted from the journal, because the
    /// number would be wrong.
    ///
    /// Returns the number of matching calls.
    #[oai(path = "/journal/count", method = "get", operation_id = "count_calls")]
    async fn count(&self, selected: Selected, filter: Filter<CallFilter>) -> Result<Reply<CallCount>, Problem> {
        let wanted = Wanted::new(filter.0)?;
        let Remembered { calls, dropped } = blocking(move || wanted.of(&selected.0)).await;
        if dropped > 0 {
            let text = format!(
                "The journal has evicted {dropped} calls, so they cannot be counted: start with a larger --journal."
            );
            return Err(Problem::of(409, &text));
        }
        Ok(Reply::of(&CallCount { count: size(calls.len()) }))
    }

    /// Wait for calls
    ///
    /// Responds once `count` matching calls have arrived. After the timeout, returns 408 and lists the calls that
    /// arrived instead.
    ///
    /// Returns the matching calls, oldest first.
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
                // The sandbox owns the sender, so it still exists.
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

    /// Get the run's digest
    ///
    /// Covers every call, response, and webhook delivery since the server started, across resets and cleared journals.
    /// Runs with the same seed, clock, and calls have the same digest, in every sandbox: the sandbox's name, the
    /// server's address, and the signatures of tokens do not count. 409 if calls were evicted from the journal, because
    /// it was smaller than the number of calls between two resets.
    ///
    /// Returns the digest and the numbers of calls and webhook deliveries in it.
    #[oai(path = "/journal/digest", method = "get", operation_id = "get_digest")]
    async fn digest(&self, selected: Selected) -> Result<Reply<RunDigest>, Problem> {
        settled(&selected.0).await;
        let sandbox = selected.0.clone();
        let (calls, dropped) = blocking(move || sandbox.journal.digest()).await;
        if dropped > 0 {
            let text = format!(
                "The journal has evicted {dropped} calls, so the run has no digest: start with a larger --journal."
            );
            return Err(Problem::of(409, &text));
        }
        let webhooks = selected.0.outbox.digest();
        let digest = calls.with(&webhooks).into();
        Ok(Reply::of(&RunDigest { digest, calls: calls.count, webhooks: webhooks.count }))
    }

    /// Export calls as HAR
    ///
    /// Exports matching calls that have a response as an HTTP archive (HAR 1.2), which browsers and many other tools
    /// can open. Secrets are masked.
    ///
    /// Returns the HTTP archive.
    #[oai(path = "/journal/har", method = "get", operation_id = "export_har")]
    async fn har(&self, selected: Selected, filter: Filter<CallPage>) -> Result<Reply<JsonObject>, Problem> {
        let CallPage { filter, limit } = filter.0;
        let wanted = Wanted::new(filter)?;
        let (_, found) = blocking(move || wanted.limited(&selected.0, limit)).await;
        let entries = unless_evicted(&found.calls).filter_map(|call| har::entry(&call));
        Ok(Reply::listed(har::start(), entries.map(|entry| entry.to_string().into_bytes()), "}}"))
    }
}
