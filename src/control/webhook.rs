//! Webhooks, seen from a test: what was delivered, and an inbox that can be subscribed to.

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
    state::{
        Sandbox,
        outbox::{self, DeliveryState, Received},
    },
    value::{JsonObject, Text, Timestamp},
};

/// Milliseconds that a call waits unless it says how long.
const PATIENCE: u32 = 5_000;

/// Other inboxes that a wait lists when it timed out.
const INBOXES: usize = 10;

/// How far deliveries are.
#[derive(Object)]
struct Webhooks {
    /// Whether deliveries are held back.
    paused: bool,
    /// Deliveries that are still to be made.
    pending: u32,
    /// The last thousand deliveries, oldest first.
    deliveries: Vec<Delivery>,
}

/// One event on its way to one target.
#[derive(Object)]
struct Delivery {
    /// Number of the delivery.
    id: u64,
    /// Name of the event.
    event: Text,
    /// URL that is told.
    target: Text,
    /// How far it is.
    state: DeliveryState,
    /// What was tried.
    attempts: Vec<Attempt>,
    /// What is sent.
    body: JsonObject,
}

/// One try.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct Attempt {
    /// When, by the clock of the fake.
    at: Timestamp,
    /// How long it took, in milliseconds of the machine.
    latency: u64,
    /// Status of the answer.
    status: Option<u16>,
    /// Why there was none.
    error: Option<Text>,
}

/// The delivery to be made once more.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Redelivery {
    /// Number of the delivery.
    id: u64,
}

/// What an inbox holds.
#[derive(Object)]
struct Inbox {
    /// Calls that it holds.
    count: u32,
    /// The last thousand calls, oldest first; fewer when their bodies have more than 64 MiB.
    calls: Vec<InboxCall>,
}

/// A call to an inbox.
#[derive(Object)]
struct InboxCall {
    /// When it came, by the clock of the fake.
    at: Timestamp,
    /// HTTP method.
    method: Text,
    /// Headers, by their names in lower case.
    headers: JsonObject,
    /// Body: what JSON stands for, and a text otherwise.
    body: Any<Value>,
}

/// What to wait for.
#[derive(Object)]
struct Waiting {
    /// Number of calls to wait for. Without it the response is immediate.
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
            target: delivery.target,
            state: delivery.state,
            attempts: attempts.collect(),
            body: serde_json::from_slice(&delivery.body).unwrap_or_default(),
        }
    }
}

fn status(sandbox: &Sandbox) -> Reply<Webhooks> {
    // Counted first: what is done in between is shown as done.
    let pending = sandbox.outbox.pending();
    let deliveries =
        sandbox.outbox.listed().into_iter().filter_map(|delivery| Some(delivery.upgrade()?.lock().clone()));
    let start = format!(r#"{{"paused":{},"pending":{pending},"deliveries":"#, sandbox.outbox.is_paused());
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

/// Waits until an inbox holds what is awaited.
async fn wait(sandbox: &Sandbox, name: &str, waiting: &Waiting) -> Result<(), Problem> {
    let Some(count) = waiting.wait else {
        let unused = waiting.timeout.map(|_| Problem::at("/query/wait", "expected `wait` with `timeout`"));
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

/// What other inboxes got, and what became of deliveries to other targets.
fn arrived_instead(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let mut groups = Groups::default();
    let to_inbox =
        |target: &str| target.split(['?', '#']).next()?.rsplit_once("/webhooks/inbox/").map(|(_, to)| to == name);
    for delivery in sandbox.outbox.deliveries() {
        let is_there = delivery.state == DeliveryState::Delivered && to_inbox(&delivery.target) == Some(true);
        if !is_there {
            let outbox::Delivery { event, target, state, attempts, .. } = &delivery;
            let why = attempts.last().and_then(|attempt| attempt.error.as_deref()).map(|why| format!(", {why}"));
            let line = format!("{event} to {target}: {state:?}{}", why.unwrap_or_default()).to_lowercase();
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
    /// List deliveries
    ///
    /// What was delivered and what is under way, with every attempt.
    #[oai(path = "/webhooks", method = "get", operation_id = "list_deliveries")]
    async fn list(&self, selected: Selected) -> Result<Reply<Webhooks>, Problem> {
        Ok(status(&selected.0))
    }

    /// Hold deliveries back
    ///
    /// Events are still queued. What is being sent is not held back.
    #[oai(path = "/webhooks/pause", method = "post", operation_id = "pause_webhooks")]
    async fn pause(&self, selected: Selected) -> Result<Reply<Webhooks>, Problem> {
        selected.0.outbox.pause(true);
        Ok(status(&selected.0))
    }

    /// Make deliveries again
    ///
    /// What was held back is delivered, in its order.
    #[oai(path = "/webhooks/resume", method = "post", operation_id = "resume_webhooks")]
    async fn resume(&self, selected: Selected) -> Result<Reply<Webhooks>, Problem> {
        selected.0.outbox.pause(false);
        Ok(status(&selected.0))
    }

    /// Make a delivery once more
    ///
    /// The same bytes go to the same target, as a delivery of their own.
    #[oai(path = "/webhooks/redeliver", method = "post", operation_id = "redeliver_webhook")]
    async fn redeliver(&self, selected: Selected, body: Body<Redelivery>) -> Result<Reply<Webhooks>, Problem> {
        let known = selected.0.outbox.deliveries().into_iter().find(|delivery| delivery.number == body.0.id);
        selected.0.redeliver(known.ok_or_else(|| Problem::of(404, "No remembered delivery has this number."))?);
        Ok(status(&selected.0))
    }

    /// Read an inbox
    ///
    /// The calls that were posted to it. With `wait` it responds when that many calls have arrived; a timeout is a 408 that lists
    /// the other inboxes' calls and the deliveries to other targets.
    #[oai(path = "/webhooks/inbox/:name", method = "get", operation_id = "read_inbox")]
    async fn read(
        &self,
        selected: Selected,
        /// Name of the inbox; any will do.
        name: Path<Text>,
        filter: Filter<Waiting>,
    ) -> Result<Reply<Inbox>, Problem> {
        wait(&selected.0, &name, &filter.0).await?;
        Ok(inbox(&selected.0, &name))
    }

    /// Send to an inbox
    ///
    /// The target of a subscription that a test reads.
    #[oai(path = "/webhooks/inbox/:name", method = "post", operation_id = "send_to_inbox")]
    async fn send(
        &self,
        selected: Selected,
        /// Name of the inbox; any will do.
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
    /// Forgets what was posted to it.
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
