//! A delivery attempt: the request, and the evaluation of the response.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderName, HeaderValue, Method, Request, Response};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::egress::{Blocked, WebhookTargets};
use crate::{
    identity::token,
    outbound::{Excess, Failure, Outbound, Settings, Trust, causes},
    resource::{
        chatbot::document::Bot,
        project::document::Project,
        subscription::{document::Subscription, history::document::SubscriptionLog},
    },
    runtime::{clock::stopwatch, hops},
    state::outbox::{Attempt, Delivery, DeliveryState, Letter, Recipient},
    store::Doc,
    value::{Id, Text, Timestamp, primitive::Nullable},
};

/// Maximum duration of an attempt.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum number of response bytes to read.
const ANSWER: usize = 64 * 1024;

/// The header that authenticates the sender to the receiver.
const SECRET: &str = "x-hook-secret";

/// Sends to allowed targets.
pub(super) struct Sender {
    client: Outbound,
    targets: WebhookTargets,
    tokens: Tokens,
}

/// Tokens of the current second: all events sent to a subscription within it share one token.
#[derive(Default)]
struct Tokens(Mutex<(i64, HashMap<usize, KnownToken>)>);

/// A token and its document. The map is keyed by the document's address.
type KnownToken = (Arc<Doc<Subscription>>, Arc<str>);

impl Tokens {
    fn of(&self, doc: &Arc<Doc<Subscription>>, at: Timestamp) -> Arc<str> {
        let (second, known) = &mut *self.0.lock();
        if *second != at.seconds() {
            *second = at.seconds();
            known.clear();
        }
        // Holding the document prevents its address from being reused.
        let (_, token) = known.entry(Arc::as_ptr(doc) as usize).or_insert_with(|| (doc.clone(), token(doc, at).into()));
        token.clone()
    }
}

/// The result of an attempt.
pub(super) struct AttemptResult {
    pub(super) answer: Option<Answer>,
    pub(super) error: Option<String>,
    refused: bool,
    /// Duration in milliseconds.
    pub(super) latency: u64,
}

/// The target's response.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Map<String, Value>,
    body: String,
}

impl AttemptResult {
    fn failed(error: String, refused: bool) -> Self {
        Self { answer: None, error: Some(error), refused, latency: 0 }
    }

    /// The result if the server stops before anything was sent.
    pub(super) fn stopped() -> Self {
        Self::failed("not sent: the server was stopped".to_owned(), false)
    }

    /// Whether to retry. Like the reference server, after 1xx, 429, 5xx, and failed connections.
    pub(super) fn is_retryable(&self) -> bool {
        match &self.answer {
            Some(answer) => matches!(answer.status, 100..=199 | 429 | 500..=599),
            None => !self.refused,
        }
    }

    /// The response's JSON, if the status is 2xx.
    pub(super) fn json(&self) -> Option<Value> {
        let answer = self.answer.as_ref().filter(|answer| (200..300).contains(&answer.status))?;
        serde_json::from_str(&answer.body).ok()
    }

    /// The attempt as recorded in the outbox.
    pub(super) fn attempt(&self, at: Timestamp) -> Attempt {
        let status = self.answer.as_ref().map(|answer| answer.status);
        Attempt { at, latency: self.latency, status, error: self.error.clone() }
    }

    pub(super) fn state(&self) -> DeliveryState {
        match &self.answer {
            Some(_) if !self.is_retryable() => DeliveryState::Delivered,
            None if self.refused => DeliveryState::Refused,
            _ => DeliveryState::Failed,
        }
    }
}

impl Sender {
    pub(super) fn new(targets: WebhookTargets, trust: Trust) -> Result<Self, String> {
        let client = Outbound::new(Settings { egress: targets.egress(), ..Settings::new(trust) })?;
        Ok(Self { client, targets, tokens: Tokens::default() })
    }

    /// The delivery of a payload to a subscriber.
    pub(super) fn letter(
        &self,
        doc: &Arc<Doc<Subscription>>,
        at: Timestamp,
        payload: &[u8],
        (hops, call): (u8, Option<u64>),
    ) -> Letter {
        let subscription = doc.value();
        let (id, project, secret) = (subscription.id, subscription.id_project, subscription.secret.clone());
        Letter {
            event: subscription.event.clone(),
            target: subscription.target.clone(),
            to: Recipient::Subscription { id, project, secret },
            body: envelope(at, payload, doc.json(), &self.tokens.of(doc, at)),
            hops,
            call,
        }
    }

    pub(super) async fn send(&self, delivery: &Delivery) -> AttemptResult {
        let Ok(url) = Url::parse(&delivery.target) else {
            return AttemptResult::failed(format!("not sent: {} is not a valid URL", delivery.target), true);
        };
        if let Some(reason) = self.targets.refuses(&url) {
            return AttemptResult::failed(reason, true);
        }
        let mut request = Request::new(delivery.body.clone());
        *request.method_mut() = Method::POST;
        // Departs: Webhooks carry a header that counts the hops of a chain of webhooks, and the 17th is not sent; the
        // reference server has no limit.
        request.headers_mut().insert(&hops::HEADER, u64::from(delivery.hops).into());
        for (name, value) in headers(delivery) {
            let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) else {
                continue;
            };
            value.set_sensitive(name == SECRET);
            request.headers_mut().insert(name, value);
        }
        let start = stopwatch();
        let answer = self.client.exchange(url, request, TIMEOUT, (ANSWER, Excess::Truncate)).await;
        let latency = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        match answer {
            Ok(answer) => AttemptResult { answer: Some(Answer::of(&answer)), error: None, refused: false, latency },
            Err(error) => {
                let refused = causes(&error).find_map(|cause| cause.downcast_ref::<Blocked>());
                let text = refused.map_or_else(|| told(&error), ToString::to_string);
                AttemptResult { latency, ..AttemptResult::failed(text, refused.is_some()) }
            }
        }
    }
}

impl Answer {
    fn of(response: &Response<Bytes>) -> Self {
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))));
        let body = String::from_utf8_lossy(response.body()).into_owned();
        Self { status: response.status().as_u16(), headers: headers.collect(), body }
    }
}

/// The error with all causes, because "error sending request" alone does not help.
fn told(error: &Failure) -> String {
    let mut text = causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ");
    if text.contains("invalid peer certificate") {
        text.push_str("; start with --webhooks-ca FILE or --webhooks-insecure");
    }
    text
}

/// The request headers, with the names and the order of the documented history.
fn headers(delivery: &Delivery) -> Vec<(&'static str, &str)> {
    let mut headers = vec![("Content-Type", "application/json")];
    let agent = match &delivery.to {
        Recipient::Subscription { secret, .. } => {
            headers.push((SECRET, secret.reveal()));
            "tiledesk-webhooks"
        }
        Recipient::Bot { .. } => "tiledesk-bot",
    };
    headers.extend([("User-Agent", agent), ("Origin", "http://localhost:3000"), ("accept", "application/json")]);
    headers
}

/// The request headers as shown in the history, including the content length.
fn sent_headers(delivery: &Delivery) -> Map<String, Value> {
    let headers = headers(delivery).into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
    headers.chain([("content-length".to_owned(), json!(delivery.body.len()))]).collect()
}

/// The body of a webhook: `{"timestamp","payload","hook","token"}`.
pub(super) fn envelope(at: Timestamp, payload: &[u8], hook: &[u8], token: &str) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + hook.len() + token.len() + 80);
    out.put_slice(format!(r#"{{"timestamp":{},"payload":"#, at.milliseconds()).as_bytes());
    out.put_slice(payload);
    out.put_slice(br#","hook":"#);
    out.put_slice(hook);
    out.put_slice(format!(r#","token":"{token}"}}"#).as_bytes());
    out.freeze()
}

/// A token with which the receiver can call the API.
pub(super) fn token(doc: &Doc<Subscription>, at: Timestamp) -> String {
    let subscription = doc.value();
    let audience = if subscription.global {
        token::TILEDESK.to_owned()
    } else {
        format!("{}/subscriptions/{}", token::TILEDESK, subscription.id)
    };
    token::of_machine(doc.json(), "subscription", &audience, &subscription.secret, at, None)
}

/// A token with which the bot can call the API, if it has a secret.
pub(super) fn bot_token(doc: &Doc<Bot>, at: Timestamp) -> String {
    let bot = doc.value();
    let token = |secret| token::of_bot(doc.json(), bot.id, secret, at, None);
    bot.secret.as_ref().map(token).unwrap_or_default()
}

/// The history entry of a delivery.
pub(super) fn entry(
    id: Id<SubscriptionLog>,
    project: Id<Project>,
    delivery: &Delivery,
    outcome: &AttemptResult,
    now: Timestamp,
) -> SubscriptionLog {
    let answer = outcome.answer.as_ref();
    // A body that is not JSON is kept as a string.
    let body =
        answer.map(|answer| serde_json::from_str(&answer.body).unwrap_or_else(|_| Value::String(answer.body.clone())));
    let response = answer.zip(body.as_ref()).map(|(answer, body)| Told {
        status_code: answer.status,
        body,
        headers: &answer.headers,
        request: Sent { uri: uri(&delivery.target), method: "POST", headers: sent_headers(delivery) },
    });
    SubscriptionLog {
        id,
        event: delivery.event.clone(),
        target: delivery.target.clone(),
        response: response.map(|response| text(&response)),
        json_request: std::str::from_utf8(&delivery.body).ok().map(Text::from),
        body: body.map(|body| text(&body)),
        err: Nullable(outcome.error.clone().map(Text::from)),
        id_project: project,
        created_at: now,
        updated_at: now,
        version: 0,
    }
}

fn text(value: &impl Serialize) -> Text {
    serde_json::to_string(value).expect("all keys are strings").into()
}

/// A response as shown in the history.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    status_code: u16,
    body: &'a Value,
    headers: &'a Map<String, Value>,
    request: Sent<'a>,
}

#[derive(Serialize)]
struct Sent<'a> {
    uri: Option<Uri>,
    method: &'a str,
    headers: Map<String, Value>,
}

/// The parts of a URL.
#[derive(Serialize)]
struct Uri {
    protocol: String,
    slashes: bool,
    auth: (),
    host: Option<String>,
    port: Option<u16>,
    hostname: Option<String>,
    hash: Option<String>,
    search: Option<String>,
    query: Option<String>,
    pathname: String,
    path: String,
    href: String,
}

fn uri(target: &str) -> Option<Uri> {
    let url = Url::parse(target).ok()?;
    let (host, query) = (url.host_str(), url.query());
    let search = query.map(|query| format!("?{query}"));
    Some(Uri {
        protocol: format!("{}:", url.scheme()),
        slashes: true,
        auth: (),
        host: host.map(|host| url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))),
        port: url.port_or_known_default(),
        hostname: host.map(str::to_owned),
        hash: url.fragment().map(str::to_owned),
        query: query.map(str::to_owned),
        pathname: url.path().to_owned(),
        path: format!("{}{}", url.path(), search.as_deref().unwrap_or_default()),
        search,
        href: url.into(),
    })
}
