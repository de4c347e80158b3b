//! Webhooks, seen from a test: what was delivered, and an inbox that can be subscribed to.

use std::time::Duration;

use poem::http::{HeaderMap, Method};
use poem_openapi::{Object, OpenApi, types::Any};
use serde_json::Value;

use super::Tag;
use crate::{
    http::{Anyone, Anything, Filter, Path, Problem, Reply},
    world::{
        JsonObject, Sandbox, Text, Timestamp,
        outbox::{self, DeliveryState, Received},
    },
};

/// Milliseconds that a call waits unless it says how long.
const PATIENCE: u32 = 5_000;

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
    /// Answer when this many calls are there.
    wait: Option<u32>,
    /// Milliseconds after which to give up; 5000 unless it is said.
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
    let deliveries = sandbox.outbox.deliveries();
    Reply::of(&Webhooks {
        paused: sandbox.outbox.is_paused(),
        pending: u32::try_from(pending).unwrap_or(u32::MAX),
        deliveries: deliveries.into_iter().map(Delivery::from).collect(),
    })
}

fn inbox(sandbox: &Sandbox, name: &str) -> Inbox {
    let calls = sandbox.outbox.inbox(name).into_iter().map(|call| InboxCall {
        at: call.at,
        method: call.method.into(),
        headers: JsonObject(call.headers.into_iter().map(|(name, value)| (name, Value::String(value))).collect()),
        body: Any(serde_json::from_slice(&call.body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&call.body).into_owned()))),
    });
    let calls: Vec<_> = calls.collect();
    Inbox { count: u32::try_from(calls.len()).unwrap_or(u32::MAX), calls }
}

pub(super) struct Deliveries;

#[OpenApi(tag = "Tag::Webhooks")]
impl Deliveries {
    /// List deliveries
    ///
    /// What was delivered and what is under way, with every attempt.
    #[oai(path = "/webhooks", method = "get", operation_id = "list_deliveries")]
    async fn list(&self, anyone: Anyone) -> Result<Reply<Webhooks>, Problem> {
        Ok(status(&anyone.0))
    }

    /// Hold deliveries back
    ///
    /// Events are still queued. What is being sent is not held back.
    #[oai(path = "/webhooks/pause", method = "post", operation_id = "pause_webhooks")]
    async fn pause(&self, anyone: Anyone) -> Result<Reply<Webhooks>, Problem> {
        anyone.0.outbox.pause(true);
        Ok(status(&anyone.0))
    }

    /// Make deliveries again
    ///
    /// What was held back is delivered, in its order.
    #[oai(path = "/webhooks/resume", method = "post", operation_id = "resume_webhooks")]
    async fn resume(&self, anyone: Anyone) -> Result<Reply<Webhooks>, Problem> {
        anyone.0.outbox.pause(false);
        Ok(status(&anyone.0))
    }

    /// Make a delivery once more
    ///
    /// The same bytes go to the same target, as a delivery of their own.
    #[oai(path = "/webhooks/redeliver", method = "post", operation_id = "redeliver_webhook")]
    async fn redeliver(&self, anyone: Anyone, body: crate::http::Body<Redelivery>) -> Result<Reply<Webhooks>, Problem> {
        let known = anyone.0.outbox.deliveries().into_iter().find(|delivery| delivery.number == body.0.id);
        anyone.0.redeliver(known.ok_or_else(|| Problem::of(404, "No remembered delivery has this number."))?);
        Ok(status(&anyone.0))
    }

    /// Read an inbox
    ///
    /// What was posted to it. With `wait` the answer comes when that many calls are there, and 408 when they do not come.
    #[oai(path = "/webhooks/inbox/:name", method = "get", operation_id = "read_inbox")]
    async fn read(
        &self,
        anyone: Anyone,
        /// Name of the inbox; any will do.
        name: Path<Text>,
        filter: Filter<Waiting>,
    ) -> Result<Reply<Inbox>, Problem> {
        let sandbox = anyone.0;
        if let Some(count) = filter.0.wait {
            let patience = Duration::from_millis(filter.0.timeout.unwrap_or(PATIENCE).into());
            let holds = sandbox.outbox.holds(&name, count as usize);
            if tokio::time::timeout(patience, holds).await.is_err() {
                let came = sandbox.outbox.inbox(&name).len();
                return Err(Problem::of(408, &format!("{came} of {count} calls came in time.")));
            }
        }
        Ok(Reply::of(&inbox(&sandbox, &name)))
    }

    /// Send to an inbox
    ///
    /// The target of a subscription that a test reads.
    #[oai(path = "/webhooks/inbox/:name", method = "post", operation_id = "send_to_inbox")]
    async fn send(
        &self,
        anyone: Anyone,
        /// Name of the inbox; any will do.
        name: Path<Text>,
        method: Method,
        headers: &HeaderMap,
        body: Anything,
    ) -> Result<Reply<JsonObject>, Problem> {
        let sandbox = anyone.0;
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        sandbox.outbox.receive(
            &name,
            Received { at: sandbox.clock.now(), method: method.to_string(), headers: headers.collect(), body: body.0 },
        );
        Ok(Reply::of(&JsonObject::default()))
    }

    /// Empty an inbox
    ///
    /// Forgets what was posted to it.
    #[oai(path = "/webhooks/inbox/:name", method = "delete", operation_id = "empty_inbox")]
    async fn empty(
        &self,
        anyone: Anyone,
        /// Name of the inbox.
        name: Path<Text>,
    ) -> Result<Reply<Inbox>, Problem> {
        anyone.0.outbox.empty_inbox(&name);
        Ok(Reply::of(&inbox(&anyone.0, &name)))
    }
}
