//! The live timeline as server-sent events.
//!
//! A stream keeps only a position, and reads later events from the journal, so a slow reader keeps nothing in memory.
//! Streams take turns and rest between them, so that open consoles leave CPU time for calls.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, stream};
use poem_openapi::types::ToJSON;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{Wanted, entry::frame, told};
use crate::{
    control::webhook::Delivery,
    http::{Contract, Problem, blocking, event},
    recorder::timeline::{Moment, Passage},
    runtime::clock::stopwatch,
    state::{Sandbox, World},
};

/// Time between two heartbeats. Clients that only closed their sending half are served, so a disconnected client is
/// detected by the second failed heartbeat.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Maximum number of moments per turn, and the number of bytes after which it ends.
const MOST: usize = 256;
const BYTES: usize = 1 << 16;

/// The pause of all streams after a turn, in multiples of its duration: streams use at most this fraction of a core.
const RESTS: u32 = 20;

/// The pause of a stream after its turn. Streams that read their backlog pause only for the duration of their turn.
const REST: Duration = Duration::from_millis(10);

/// Held during a turn and the pause of all streams after it.
static TURN: Semaphore = Semaphore::const_new(1);

/// Acquires a permit for a stream. 429 if there is none.
pub(super) fn place(world: &World) -> Result<OwnedSemaphorePermit, Problem> {
    let maximum = World::STREAMS;
    let text = format!("{maximum} streams are open, which is the maximum: close one, or poll GET /_control/journal.");
    world.stream().ok_or_else(|| Problem::of(429, &text))
}

/// A reader of a sandbox's timeline.
pub(super) struct Reader {
    pub(super) world: Arc<World>,
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) wanted: Arc<Wanted>,
    pub(super) contract: Arc<Contract>,
    /// The position up to which everything was sent.
    pub(super) after: u64,
    /// The last position when the stream began.
    pub(super) backlog: u64,
    /// Whether the last event was sent.
    pub(super) ended: bool,
    pub(super) _place: OwnedSemaphorePermit,
}

impl Reader {
    /// The events after the position, and then new ones. Ends when the server stops, or with an `end` event when the
    /// sandbox is deleted.
    pub(super) fn events(self) -> impl Stream<Item = Bytes> + Send {
        let (changed, closing) = (self.sandbox.journal.watch(), self.world.closing());
        stream::unfold((self, changed, closing), |(mut reader, mut changed, mut closing)| async move {
            let sent = tokio::select! {
                sent = reader.next(&mut changed) => sent?,
                _ = closing.wait_for(|closing| *closing) => return None,
            };
            Some((sent, (reader, changed, closing)))
        })
    }

    async fn next(&mut self, changed: &mut watch::Receiver<()>) -> Option<Bytes> {
        while !self.ended {
            // Marked as seen before reading, so that a change in between wakes the reader again.
            changed.borrow_and_update();
            let events = self.turn().await;
            if !events.is_empty() {
                return Some(events);
            }
            let known = self.world.known_sandbox(&self.sandbox.name);
            if known.is_none_or(|known| !Arc::ptr_eq(&known, &self.sandbox)) {
                self.ended = true;
                return Some(Bytes::from_static(b"event: end\ndata: {\"reason\":\"deleted\"}\n\n"));
            }
            match tokio::time::timeout(HEARTBEAT, changed.changed()).await {
                Ok(changed) => changed.ok()?,
                Err(_) => return Some(Bytes::from_static(b":\n\n")),
            }
        }
        None
    }

    /// Renders the next events.
    async fn turn(&mut self) -> Bytes {
        let turn = TURN.acquire().await;
        let start = stopwatch();
        let (sandbox, wanted, contract) = (self.sandbox.clone(), self.wanted.clone(), self.contract.clone());
        let after = self.after;
        let (events, end) = blocking(move || render(&sandbox, &wanted, &contract, after)).await;
        self.after = end;
        if after < self.backlog {
            tokio::time::sleep(start.elapsed()).await;
        } else {
            tokio::time::sleep(start.elapsed() * RESTS).await;
            drop(turn);
            tokio::time::sleep(REST).await;
        }
        events
    }
}

/// The identifier of an event: its position and the number of its sandbox, as positions of a sandbox that replaced a
/// deleted one start again.
fn identify(position: u64, sandbox: &Sandbox) -> String {
    format!("{position}-{}", sandbox.number)
}

/// The position of the event with an identifier: 0 if it was in another sandbox.
pub(super) fn position(id: &str, sandbox: &Sandbox) -> u64 {
    let (position, number) = id.split_once('-').unwrap_or((id, ""));
    let is_elsewhere = !number.is_empty() && number.parse() != Ok(sandbox.number);
    if is_elsewhere { 0 } else { position.parse().unwrap_or_default() }
}

/// The events after a position, and the position up to which they reach.
fn render(sandbox: &Sandbox, wanted: &Wanted, contract: &Contract, after: u64) -> (Bytes, u64) {
    let id = |position| identify(position, sandbox);
    let Passage { moments, after, end } = sandbox.journal.since(after, MOST);
    let (mut out, mut done) = (Vec::new(), after);
    for (position, moment) in moments {
        let shown = show(sandbox, wanted, contract, &moment);
        let first = done + 1;
        // Missing positions were evicted.
        let last = if shown.is_some() { position - 1 } else { position };
        if first <= last {
            event(&mut out, id(last), "gap", json!({"from": first, "to": last}).to_string().as_bytes());
        }
        if let Some(Some((name, json))) = shown {
            event(&mut out, id(position), name, json.as_bytes());
        }
        done = position;
        if out.len() > BYTES {
            return (out.into(), done);
        }
    }
    if done < end {
        event(&mut out, id(end), "gap", json!({"from": done + 1, "to": end}).to_string().as_bytes());
    }
    (out.into(), end)
}

/// The name and the JSON of a moment's event: `None` if it was evicted, `Some(None)` if it is filtered out.
#[expect(clippy::option_option, reason = "an evicted moment is a gap, and one that is filtered out is not")]
fn show(
    sandbox: &Sandbox,
    wanted: &Wanted,
    contract: &Contract,
    moment: &Moment,
) -> Option<Option<(&'static str, String)>> {
    Some(match moment {
        Moment::Call(call) => {
            let call = call.upgrade()?;
            wanted.fits(&call).then(|| ("call", told(&call, Some(contract)).to_json_string()))
        }
        Moment::Frame(note) => Some(("frame", frame(note).to_string())),
        Moment::Delivery(number) => {
            Some(("delivery", Delivery::from(sandbox.outbox.delivery(*number)?).to_json_string()))
        }
        Moment::Change(part) => Some(("change", json!({"what": part}).to_string())),
    })
}
