//! A recorded call with everything it caused.

use std::sync::Arc;

use poem_openapi::Object;
use serde_json::{Value, json};

use super::{JournalAnswer, JournalCall, JournalViolation, told};
use crate::{
    http::{Contract, Problem},
    recorder::{
        entry::Entry,
        timeline::{Direction, FrameNote, Moment},
    },
    state::Sandbox,
    value::{JsonObject, Text, Timestamp},
};

/// A recorded call with its effects, secrets masked.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct CallDetail {
    /// Number of the call.
    number: u64,
    /// Time of arrival, according to the sandbox's clock.
    at: Timestamp,
    /// Operation, if the call matched one.
    operation: Option<Text>,
    /// The request.
    request: CallRequest,
    /// The response, if one was sent. `latency` is in microseconds.
    response: Option<JournalAnswer>,
    /// Time from arrival to response in wall-clock microseconds.
    duration: Option<u64>,
    /// Query parameters unknown to the operation. They had no effect.
    ignored: Option<Vec<Text>>,
    /// Injected failure: the name of the fault, or `preferred`.
    fault: Option<Text>,
    /// Violations of the contract, if calls are checked against it.
    violations: Option<Vec<JournalViolation>>,
    /// Number of the explanation, the same as the call's, if the call was rejected.
    explanation: Option<u64>,
    /// Events that the call published.
    events: Vec<PublishedEvent>,
    /// Numbers of the webhook deliveries that it caused.
    deliveries: Vec<u64>,
    /// Frames of the realtime API that it caused.
    frames: Vec<SentFrame>,
}

/// A recorded request.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct CallRequest {
    /// HTTP method, `GET` for `HEAD`; `WEBSOCKET` for a frame that the realtime API ignored.
    method: Text,
    /// Path as sent.
    path: Text,
    /// Query as sent, without the question mark.
    query: Text,
    /// Headers by lowercase name.
    headers: JsonObject,
    /// Body: the parsed value if it is JSON other than `null`, otherwise a string.
    body: Option<poem_openapi::types::Any<Value>>,
    /// Whether the recorded body is truncated.
    truncated: bool,
}

/// An event that a call published.
#[derive(Object)]
struct PublishedEvent {
    /// Name of the event, such as `lead.create`.
    name: Text,
    /// ID of the affected document.
    id: Text,
}

/// A frame of the realtime API.
#[derive(Object)]
struct SentFrame {
    /// Topic.
    topic: Text,
    /// `create` or `update`.
    kind: Text,
    /// Time at which it was sent, according to the sandbox's clock.
    at: Timestamp,
}

/// A call by its number.
pub(super) fn find(sandbox: &Sandbox, number: u64) -> Result<Arc<Entry>, Problem> {
    sandbox.journal.call(number).ok_or_else(|| {
        if (1..=sandbox.journal.arrived()).contains(&number) {
            Problem::of(410, "The journal has evicted this call: start with a larger --journal or --memory.")
        } else {
            Problem::of(404, "The journal has no call with this number.")
        }
    })
}

pub(super) fn detail(sandbox: &Sandbox, call: &Entry, contract: &Contract) -> CallDetail {
    let JournalCall { id, at, operation, method, path, headers, body, truncated, ignored, fault, answer, violations } =
        told(call, Some(contract));
    let (path, query) = path.split_once('?').unwrap_or((&*path, ""));
    let request = CallRequest { method, path: path.into(), query: query.into(), headers, body, truncated };
    let steps = sandbox.history.of_call(id).unwrap_or_default();
    let events = steps.iter().flat_map(|step| &step.events);
    let events = events.map(|event| PublishedEvent { name: event.name.as_str().into(), id: event.subject.id().into() });
    let deliveries = sandbox.outbox.deliveries().into_iter().filter(|delivery| delivery.call == Some(id));
    let mut frames = sandbox.journal.moments(|moment| match moment {
        Moment::Frame(note) if note.call == Some(id) => Some(note.clone()),
        _ => None,
    });
    frames.sort_by_key(|note| note.at);
    let frames =
        frames.iter().map(|note| SentFrame { topic: (&*note.topic).into(), kind: note.kind.into(), at: note.at });
    let is_rejected = fault.is_some() || answer.as_ref().is_some_and(|answer| answer.status >= 400);
    CallDetail {
        number: id,
        at,
        operation,
        request,
        duration: answer.as_ref().map(|answer| answer.latency),
        response: answer,
        ignored,
        fault,
        violations,
        explanation: is_rejected.then_some(id),
        events: events.collect(),
        deliveries: deliveries.map(|delivery| delivery.number).collect(),
        frames: frames.collect(),
    }
}

/// A frame as shown on the timeline.
pub(super) fn frame(FrameNote { topic, direction, at, kind, call }: &FrameNote) -> Value {
    let direction = if *direction == Direction::In { "in" } else { "out" };
    let mut frame = json!({"topic": topic, "direction": direction, "at": at, "kind": kind});
    if let Some(call) = call {
        frame["call"] = json!(call);
    }
    frame
}
