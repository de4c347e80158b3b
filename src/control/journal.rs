//! The journal: what was asked of a sandbox and what it answered.

use std::time::Duration;

use globset::GlobMatcher;
use poem_openapi::{Object, OpenApi, types::Any};
use serde_json::{Map, Value, json};

use super::{Tag, fault::glob, mask};
use crate::{
    http::{Anyone, Filter, Problem, Reply},
    world::{JsonObject, Sandbox, Text, Timestamp, call::Call, journal::Remembered},
};

/// Milliseconds that a call waits unless it says how long.
const PATIENCE: u32 = 5_000;

/// Which calls. All that fit all of it; passwords and tokens of bodies cannot be asked for.
#[derive(Object, Default)]
struct CallFilter {
    /// Only calls of this operation, such as `get_lead`.
    operation: Option<Text>,
    /// Only calls of this HTTP method.
    method: Option<Text>,
    /// Only calls whose path, as it was sent, fits this glob: `*` stands for what has no slash, `**` for anything.
    path: Option<Text>,
    /// Only calls that were answered with this status. Those that are not answered yet have none.
    status: Option<u16>,
    /// Only calls of the client that calls itself so (`User-Agent`).
    client: Option<Text>,
    /// Only calls whose body has something at this JSON pointer.
    pointer: Option<Text>,
    /// What it has there, as JSON or as a text.
    value: Option<Text>,
    /// Only calls with a number greater than this.
    after: Option<u64>,
}

/// How many calls to wait for, and which.
#[derive(Object)]
struct CallAwaited {
    #[oai(flatten)]
    filter: CallFilter,
    /// Calls to wait for; one unless it is said.
    count: Option<u32>,
    /// Milliseconds of the machine's time after which to give up; 5000 unless it is said.
    timeout: Option<u32>,
}

/// The calls that a journal remembers.
#[derive(Object)]
struct JournalPage {
    /// How many there are.
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

/// What a run comes to.
#[derive(Object)]
struct RunDigest {
    /// The same for runs in which the same was asked and answered, and the same told to webhooks.
    digest: Text,
    /// Calls that it covers.
    calls: u32,
    /// Webhooks that it covers.
    webhooks: u32,
}

/// A filter that can be held against calls.
struct Wanted {
    filter: CallFilter,
    path: Option<GlobMatcher>,
}

impl Wanted {
    fn new(filter: CallFilter) -> Result<Self, Problem> {
        if filter.value.is_some() && filter.pointer.is_none() {
            return Err(Problem::at("/query/pointer", "expected a JSON pointer that says where the value is"));
        }
        if filter.pointer.as_ref().is_some_and(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
            return Err(Problem::at("/query/pointer", "expected a JSON pointer such as /fullname"));
        }
        let path = filter.path.as_deref().map(glob).transpose();
        let path = path.map_err(|error| Problem::at("/query/path", error.to_string()))?;
        Ok(Self { filter, path })
    }

    fn fits(&self, call: &Call) -> bool {
        let wanted = &self.filter;
        let body = || wanted.pointer.as_deref().is_none_or(|pointer| self.fits_body(pointer, &call.request.body));
        wanted.operation.as_deref().is_none_or(|wanted| call.operation.get().is_some_and(|known| *known == wanted))
            && wanted.method.as_deref().is_none_or(|wanted| call.request.method.as_str().eq_ignore_ascii_case(wanted))
            && self.path.as_ref().is_none_or(|glob| glob.is_match(call.request.path()))
            && wanted.status.is_none_or(|wanted| call.answer.get().is_some_and(|answer| answer.status == wanted))
            && wanted.client.as_deref().is_none_or(|wanted| call.request.head.get("user-agent") == Some(wanted))
            && wanted.after.is_none_or(|after| call.number > after)
            && body()
    }

    fn fits_body(&self, pointer: &str, body: &[u8]) -> bool {
        let Ok(mut body) = serde_json::from_slice::<Value>(body) else { return false };
        mask::json(&mut body);
        let Some(found) = body.pointer(pointer) else { return false };
        self.filter.value.as_deref().is_none_or(|wanted| {
            found.as_str() == Some(wanted) || serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| *found == wanted)
        })
    }

    fn of(&self, sandbox: &Sandbox) -> Remembered {
        let Remembered { mut calls, dropped } = sandbox.journal.remembered();
        calls.retain(|call| self.fits(call));
        Remembered { calls, dropped }
    }
}

fn page(remembered: &Remembered) -> JournalPage {
    let calls: Vec<_> = remembered.calls.iter().map(|call| told(call)).collect();
    JournalPage { count: size(calls.len()), dropped: remembered.dropped, calls }
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn told(call: &Call) -> JournalCall {
    let request = &call.request;
    JournalCall {
        id: call.number,
        at: call.at,
        operation: call.operation.get().map(|operation| (*operation).into()),
        method: request.method.as_str().into(),
        path: mask::target(request.head.target()).into(),
        headers: JsonObject(mask::headers(&request.head)),
        body: mask::body(&request.body).map(Any),
        truncated: request.cut,
        fault: call.fault.get().map(|fault| (&**fault).into()),
        answer: call.answer.get().map(|answer| JournalAnswer {
            status: answer.status.as_u16(),
            headers: JsonObject(mask::headers(&answer.headers)),
            body: mask::body(&answer.body).map(Any),
            latency: answer.latency,
        }),
    }
}

/// HAR 1.2, as browsers and proxies export it.
fn har(calls: &Remembered) -> JsonObject {
    let pairs = |headers: Map<String, Value>| -> Value {
        headers.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    };
    let text = |body: &[u8]| match mask::body(body) {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(body) => body.to_string(),
    };
    let entries = calls.calls.iter().filter_map(|call| {
        let (request, answer) = (&call.request, call.answer.get()?);
        let kind = |headers: &Map<String, Value>| headers.get("content-type").cloned().unwrap_or_else(|| json!(""));
        let (sent, got) = (mask::headers(&request.head), mask::headers(&answer.headers));
        let target = mask::target(request.head.target());
        let query = form_urlencoded::parse(target.split_once('?').map_or("", |(_, query)| query).as_bytes());
        let query: Vec<_> = query.map(|(name, value)| json!({"name": name, "value": value})).collect();
        #[expect(clippy::cast_precision_loss, reason = "microseconds of a call are few")]
        let milliseconds = answer.latency as f64 / 1_000.0;
        let mut told = json!({
            "method": request.method.as_str(),
            "url": format!("{}{target}", call.request.origin()),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "queryString": query,
            "headersSize": -1,
            "bodySize": request.body.len(),
        });
        if !request.body.is_empty() {
            told["postData"] = json!({"mimeType": kind(&sent), "text": text(&request.body)});
        }
        told["headers"] = pairs(sent);
        let content = json!({"size": answer.body.len(), "mimeType": kind(&got), "text": text(&answer.body)});
        Some(json!({
            "startedDateTime": call.at,
            "time": milliseconds,
            "request": told,
            "response": {
                "status": answer.status.as_u16(),
                "statusText": answer.status.canonical_reason().unwrap_or_default(),
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": pairs(got),
                "content": content,
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": answer.body.len(),
            },
            "cache": {},
            "timings": {"send": 0, "wait": milliseconds, "receive": 0},
            "comment": call.operation.get(),
        }))
    });
    let creator = json!({"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")});
    let log = json!({"version": "1.2", "creator": creator, "entries": entries.collect::<Vec<_>>()});
    JsonObject(Map::from_iter([("log".to_owned(), log)]))
}

/// Waits until what was committed was looked at, so that the deliveries that follow from it are known.
async fn settled(sandbox: &Sandbox) {
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
    async fn list(&self, anyone: Anyone, filter: Filter<CallFilter>) -> Result<Reply<JournalPage>, Problem> {
        Ok(Reply::of(&page(&Wanted::new(filter.0)?.of(&anyone.0))))
    }

    /// Forget calls
    ///
    /// Empties the journal; numbers start anew.
    #[oai(path = "/journal", method = "delete", operation_id = "clear_journal")]
    async fn clear(&self, anyone: Anyone) -> Result<Reply<JournalPage>, Problem> {
        anyone.0.journal.clear();
        Ok(Reply::of(&page(&anyone.0.journal.remembered())))
    }

    /// Count calls
    ///
    /// Those that arrived, answered or not. When the journal has dropped calls the number would be wrong, and the answer is 409.
    #[oai(path = "/journal/count", method = "get", operation_id = "count_calls")]
    async fn count(&self, anyone: Anyone, filter: Filter<CallFilter>) -> Result<Reply<CallCount>, Problem> {
        let Remembered { calls, dropped } = Wanted::new(filter.0)?.of(&anyone.0);
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
    /// Answers when so many calls have arrived that fit, and 408 when they do not come in time.
    #[oai(path = "/journal/wait", method = "get", operation_id = "wait_for_calls")]
    async fn wait(&self, anyone: Anyone, filter: Filter<CallAwaited>) -> Result<Reply<JournalPage>, Problem> {
        let CallAwaited { filter, count, timeout } = filter.0;
        let (wanted, count) = (Wanted::new(filter)?, count.unwrap_or(1) as usize);
        let mut changed = anyone.0.journal.watch();
        let arrived = async {
            loop {
                let found = wanted.of(&anyone.0);
                if found.calls.len() >= count {
                    return found;
                }
                // The sender is the sandbox's own: it cannot be gone.
                let _ = changed.changed().await;
            }
        };
        let patience = Duration::from_millis(timeout.unwrap_or(PATIENCE).into());
        if let Ok(found) = tokio::time::timeout(patience, arrived).await {
            return Ok(Reply::of(&page(&found)));
        }
        let came = wanted.of(&anyone.0).calls.len();
        Err(Problem::of(408, &format!("{came} of {count} calls came in time.")))
    }

    /// Digest of the run
    ///
    /// One text for all that was asked and answered since the start or the last reset, and for what webhooks were told: two
    /// runs with the same seed, the same clock and the same calls have the same. 409 when calls were dropped.
    #[oai(path = "/journal/digest", method = "get", operation_id = "get_digest")]
    async fn digest(&self, anyone: Anyone) -> Result<Reply<RunDigest>, Problem> {
        settled(&anyone.0).await;
        let Remembered { calls, dropped } = anyone.0.journal.remembered();
        if dropped > 0 {
            return Err(Problem::of(
                409,
                &format!("The journal has dropped {dropped} calls: start with a greater --journal."),
            ));
        }
        let deliveries = anyone.0.outbox.deliveries();
        if deliveries.first().is_some_and(|oldest| oldest.number > 1) {
            return Err(Problem::of(409, "There were more webhooks than are remembered."));
        }
        let digest = super::digest::of(&calls, &deliveries);
        Ok(Reply::of(&RunDigest { digest: digest.into(), calls: size(calls.len()), webhooks: size(deliveries.len()) }))
    }

    /// Export calls as HAR
    ///
    /// The answered calls as an HTTP archive (HAR 1.2), which browsers and many tools open. Secrets are masked.
    #[oai(path = "/journal/har", method = "get", operation_id = "export_har")]
    async fn har(&self, anyone: Anyone, filter: Filter<CallFilter>) -> Result<Reply<JsonObject>, Problem> {
        Ok(Reply::of(&har(&Wanted::new(filter.0)?.of(&anyone.0))))
    }
}
