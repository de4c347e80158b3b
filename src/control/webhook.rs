//! Webhooks from a test's point of view: recorded deliveries, and inboxes that subscriptions can target.

use std::time::Duration;

use poem::http::{HeaderMap, Method};
use poem_openapi::{
    Object, OpenApi,
    types::{Any, ToJSON},
};
use serde_json::Value;

use super::{Tag, journal::arrived::Groups};
use crate::{
    http::{Anything, Body, Filter, Path, Problem, Reply, Selected},
    recorder::redact,
    state::{
        Sandbox,
        outbox::{self, DeliveryState, Received},
    },
    value::{JsonObject, Text, Timestamp},
};

/// Default timeout of a wait, in milliseconds.
const PATIENCE: u32 = 5_000;

/// Maximum number of other inboxes that a timed-out wait lists.
const INBOXES: usize = 10;

/// The state of webhook delivery.
#[derive(Object)]
struct Webhooks {
    /// Whether deliveries are paused.
    paused: bool,
    /// Number of pending deliveries.
    pending: u32,
    /// The inboxes that have received calls, by name.
    inboxes: Vec<InboxInfo>,
    /// The last 1000 deliveries, oldest first.
    deliveries: Vec<Delivery>,
}

/// An inbox.
#[derive(Object)]
struct InboxInfo {
    /// Name of the inbox.
    name: Text,
    /// Number of calls in it.
    count: u32,
}

/// A delivery of one event to one target.
#[derive(Object)]
pub(super) struct Delivery {
    /// Number of the delivery.
    id: u64,
    /// Name of the event.
    event: Text,
    /// Target URL.
    target: Text,
    /// State of the delivery.
    state: DeliveryState,
    /// Attempts made so far.
    attempts: Vec<Attempt>,
    /// Payload.
    body: JsonObject,
}

/// A delivery attempt.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct Attempt {
    /// Time of the attempt, according to the sandbox's clock.
    at: Timestamp,
    /// Duration in wall-clock milliseconds.
    latency: u64,
    /// Status of the response.
    status: Option<u16>,
    /// Reason why there was no response.
    error: Option<Text>,
}

/// A delivery to repeat.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Redelivery {
    /// Number of the delivery.
    id: u64,
}

/// The contents of an inbox.
#[derive(Object)]
struct Inbox {
    /// Number of calls in the inbox.
    count: u32,
    /// The last 1000 calls, oldest first; fewer if their bodies exceed 64 MiB in total.
    calls: Vec<InboxCall>,
}

/// A call to an inbox.
#[derive(Object)]
struct InboxCall {
    /// Time of arrival, according to the sandbox's clock.
    at: Timestamp,
    /// HTTP method.
    method: Text,
    /// Headers by lowercase name.
    headers: JsonObject,
    /// Body: the parsed value if it is JSON, otherwise a string.
    body: Any<Value>,
}

/// A wait for calls to an inbox.
#[derive(Object)]
struct Waiting {
    /// Number of calls to wait for (default: respond immediately).
    #[oai(validator(minimum(value = "1")))]
    wait: Option<u32>,
    /// Timeout of `wait` in wall-clock milliseconds (default 5000).
    timeout: Option<u32>,
}

impl From<outbox::Delivery> for Delivery {
    fn from(delivery: outbox::Delivery) -> Self {
        let attempts = delivery.attempts.into_iter().map(|attempt| Attempt {
            at: attempt.at,
            latency: attempt.latency,
            status: attempt.status,
            error: attempt.error.map(Text::from),
        });
        Self {
            id: delivery.number,
            event: delivery.event,
            target: redact::url(&delivery.target).into_owned().into(),
            state: delivery.state,
            attempts: attempts.collect(),
            body: serde_json::from_slice(&delivery.body).unwrap_or_default(),
        }
    }
}

fn status(sandbox: &Sandbox) -> Reply<Webhooks> {
    // Counted before listing: deliveries that finish in between are listed as finished.
    let pending = sandbox.outbox.pending();
    let deliveries =
        sandbox.outbox.listed().into_iter().filter_map(|delivery| Some(delivery.upgrade()?.lock().clone()));
    let inboxes = sandbox.outbox.inboxes().into_iter();
    let inboxes = inboxes
        .map(|(name, count)| InboxInfo { name: (&*name).into(), count: u32::try_from(count).unwrap_or(u32::MAX) });
    let inboxes = inboxes.collect::<Vec<_>>().to_json_string();
    let start =
        format!(r#"{{"paused":{},"pending":{pending},"inboxes":{inboxes},"deliveries":"#, sandbox.outbox.is_paused());
    Reply::listed(start, deliveries.map(|delivery| Delivery::from(delivery).to_json_string().into()), "}")
}

fn inbox(sandbox: &Sandbox, name: &str) -> Reply<Inbox> {
    let calls = sandbox.outbox.inbox(name);
    let start = format!(r#"{{"count":{},"calls":"#, calls.len());
    Reply::listed(
        start,
        calls.into_iter().filter_map(|call| call.upgrade()).map(|call| InboxCall::from(&*call).to_json_string().into()),
        "}",
    )
}

impl From<&Received> for InboxCall {
    fn from(call: &Received) -> Self {
        let headers = call.headers.iter().map(|(name, value)| (name.clone(), Value::String(value.clone())));
        let body = serde_json::from_slice(&call.body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&call.body).into_owned()));
        Self {
            at: call.at,
            method: call.method.as_str().into(),
            headers: JsonObject(headers.collect()),
            body: Any(body),
        }
    }
}

/// Waits until the inbox holds the requested number of calls.
async fn wait(sandbox: &Sandbox, name: &str, waiting: &Waiting) -> Result<(), Problem> {
    let Some(count) = waiting.wait else {
        let unused = waiting.timeout.map(|_| Problem::at("/query/wait", "`timeout` requires `wait`"));
        return unused.map_or(Ok(()), Err);
    };
    let patience = Duration::from_millis(waiting.timeout.unwrap_or(PATIENCE).into());
    let holds = sandbox.outbox.holds(name, count as usize);
    tokio::time::timeout(patience, holds).await.map_err(|_| {
        let came = sandbox.outbox.inbox(name).len();
        let title = format!("{came} of {count} calls arrived within {} ms.", patience.as_millis());
        Problem::timeout(&title, arrived_instead(sandbox, name))
    })
}

/// The contents of other inboxes, and the outcome of deliveries to other targets.
fn arrived_instead(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let mut groups = Groups::default();
    let to_inbox =
        |target: &str| target.split(['?', '#']).next()?.rsplit_once("/webhooks/inbox/").map(|(_, to)| to == name);
    for delivery in sandbox.outbox.deliveries() {
        let is_there = delivery.state == DeliveryState::Delivered && to_inbox(&delivery.target) == Some(true);
        if !is_there {
            let outbox::Delivery { event, target, state, attempts, .. } = &delivery;
            let why = attempts.last().and_then(|attempt| attempt.error.as_deref()).map(|why| format!(", {why}"));
            let line =
                format!("{event} to {}: {state:?}{}", redact::url(target), why.unwrap_or_default()).to_lowercase();
            groups.add(line.clone(), || line);
        }
    }
    let inboxes = sandbox.outbox.inboxes().into_iter().filter(|(other, _)| **other != *name);
    let inboxes = inboxes.map(|(other, count)| format!("{count} × in the inbox `{other}`"));
    inboxes.take(INBOXES).chain(groups.lines()).collect()
}

pub(super) struct Deliveries;

#[OpenApi(tag = "Tag::Webhooks")]
impl Deliveries {
    /// List webhook deliveries
    ///
    /// Lists finished and pending deliveries, with every attempt. The last 1000 deliveries are kept.
    ///
    /// Returns the deliveries, oldest first, and whether they are paused.
    #[oai(path = "/webhooks", method = "get", operation_id = "list_deliveries")]
    async fn list(&self, selected: Selected) -> Result<Reply<Webhooks>, Problem> {
        Ok(status(&selected.0))
    }

    /// Pause webhook deliveries
    ///
    /// Pauses deliveries until they are resumed. Events are still queued, and attempts already in progress continue.
    ///
    /// Returns the state of webhook delivery.
    #[oai(path = "/webhooks/pause", method = "post", operation_id = "pause_webhooks")]
    async fn pause(&self, selected: Selected) -> Result<Reply<Webhooks>, Problem> {
        selected.0.outbox.pause(true);
        Ok(status(&selected.0))
    }

    /// Resume webhook deliveries
    ///
    /// Sends the deliveries that were queued, in order.
    ///
    /// Returns the state of webhook delivery.
    #[oai(path = "/webhooks/resume", method = "post", operation_id = "resume_webhooks")]
    async fn resume(&self, selected: Selected) -> Result<Reply<Webhooks>, Problem> {
        selected.0.outbox.pause(false);
        Ok(status(&selected.0))
    }

    /// Redeliver a webhook
    ///
    /// Sends the same bytes to the same target again, as a new delivery. 404 if the delivery is not in the list.
    ///
    /// Returns the state of webhook delivery.
    #[oai(path = "/webhooks/redeliver", method = "post", operation_id = "redeliver_webhook")]
    async fn redeliver(&self, selected: Selected, body: Body<Redelivery>) -> Result<Reply<Webhooks>, Problem> {
        let known = selected.0.outbox.deliveries().into_iter().find(|delivery| delivery.number == body.0.id);
        selected.0.redeliver(known.ok_or_else(|| Problem::of(404, "No recorded delivery has this number."))?);
        Ok(status(&selected.0))
    }

    /// Read an inbox
    ///
    /// Reads the calls that an inbox received. With `wait`, responds once that many calls have arrived; after
    /// the timeout, returns 408 and lists the calls in other inboxes and the deliveries to other targets.
    ///
    /// Returns the calls in the inbox, oldest first.
    #[oai(path = "/webhooks/inbox/:name", method = "get", operation_id = "read_inbox")]
    async fn read(
        &self,
        selected: Selected,
        /// Name of the inbox; any name is valid.
        name: Path<Text>,
        filter: Filter<Waiting>,
    ) -> Result<Reply<Inbox>, Problem> {
        wait(&selected.0, &name, &filter.0).await?;
        Ok(inbox(&selected.0, &name))
    }

    /// Send to an inbox
    ///
    /// Records a call in an inbox. Use this URL as the target of a webhook subscription.
    ///
    /// Returns an empty object.
    #[oai(path = "/webhooks/inbox/:name", method = "post", operation_id = "send_to_inbox")]
    async fn send(
        &self,
        selected: Selected,
        /// Name of the inbox; any name is valid.
        name: Path<Text>,
        method: Method,
        headers: &HeaderMap,
        body: Anything,
    ) -> Result<Reply<JsonObject>, Problem> {
        let sandbox = selected.0;
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        sandbox.outbox.receive(
            &name,
            Received { at: sandbox.clock.now(), method: method.to_string(), headers: headers.collect(), body: body.0 },
        )?;
        Ok(Reply::of(&JsonObject::default()))
    }

    /// Empty an inbox
    ///
    /// Deletes all calls in the inbox.
    ///
    /// Returns the empty inbox.
    #[oai(path = "/webhooks/inbox/:name", method = "delete", operation_id = "empty_inbox")]
    async fn empty(
        &self,
        selected: Selected,
        /// Name of the inbox.
        name: Path<Text>,
    ) -> Result<Reply<Inbox>, Problem> {
        selected.0.outbox.empty_inbox(&name);
        Ok(inbox(&selected.0, &name))
    }
}
