//! The webhook outbox of a sandbox: queued deliveries, pause state, and test inboxes.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use parking_lot::Mutex;
use poem_openapi::Enum;
use tokio::sync::watch;

use crate::{
    recorder::digest::Digest,
    resource::{chatbot::document::Bot, project::document::Project, subscription::document::Subscription},
    runtime::memory::{Charge, Memory},
    value::{Id, Text, Timestamp, id::IdSource},
};

/// Maximum number of deliveries in the log.
const DELIVERIES: usize = 1_000;

/// Maximum number of calls per inbox.
const RECEIVED: usize = 1_000;

/// Maximum bytes of bodies per inbox.
const RECEIVED_BYTES: usize = 64 << 20;

/// The deliveries and inboxes of a sandbox.
pub(crate) struct Outbox {
    log: Mutex<Log>,
    /// Incremented by every reset. Deliveries of earlier generations are abandoned.
    generation: watch::Sender<u64>,
    /// Number of signals sent but not yet handled.
    signals: AtomicUsize,
    paused: watch::Sender<bool>,
    /// Notified when a call arrives in an inbox.
    arrived: watch::Sender<u64>,
    memory: Arc<Memory>,
}

struct Log {
    ids: IdSource,
    /// The number of the next delivery.
    next: u64,
    /// Number of unfinished deliveries, which may exceed the size of the log.
    pending: usize,
    deliveries: VecDeque<Arc<Mutex<Delivery>>>,
    inboxes: HashMap<Box<str>, VecDeque<Arc<Received>>>,
    /// Size of the deliveries and received calls above, in bytes.
    bytes: usize,
    /// The digest of all deliveries, including those dropped from the log.
    digest: Digest,
}

/// A delivery to enqueue.
pub(crate) struct Letter {
    pub(crate) event: Text,
    pub(crate) target: Text,
    pub(crate) to: Recipient,
    pub(crate) body: Bytes,
    /// The number of consecutive webhooks, including this one.
    pub(crate) hops: u8,
    /// The number of the call that caused it.
    pub(crate) call: Option<u64>,
}

/// The delivery of an event to a target.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) number: u64,
    pub(crate) generation: u64,
    pub(crate) event: Text,
    pub(crate) target: Text,
    pub(crate) to: Recipient,
    /// The request body.
    pub(crate) body: Bytes,
    /// The number of consecutive webhooks, including this one.
    pub(crate) hops: u8,
    /// The number of the call that caused it.
    pub(crate) call: Option<u64>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) state: DeliveryState,
}

/// Approximate size of an entry in addition to its body.
const ENTRY: usize = 1 << 9;

impl Delivery {
    fn size(&self) -> usize {
        ENTRY + self.body.len()
    }
}

/// The recipient of a delivery.
#[derive(Clone)]
pub(crate) enum Recipient {
    Subscription {
        id: Id<Subscription>,
        project: Id<Project>,
        secret: crate::value::primitive::Secret,
    },
    /// An external bot.
    Bot {
        id: Id<Bot>,
    },
}

/// The state of a delivery.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[oai(rename_all = "lowercase")]
pub(crate) enum DeliveryState {
    Pending,
    Delivered,
    Failed,
    /// The target is not allowed.
    Refused,
}

/// An attempt to deliver.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) at: Timestamp,
    /// Wall-clock milliseconds.
    pub(crate) latency: u64,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
}

/// A call to an inbox.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Received {
    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len() + size_of::<(String, String)>());
        ENTRY + self.body.len() + headers.sum::<usize>()
    }
}

impl Outbox {
    pub(crate) fn new(seed: u64, memory: Arc<Memory>) -> Self {
        let ids = IdSource::new(seed, "deliveries of default");
        let (deliveries, inboxes, digest) = (VecDeque::new(), HashMap::new(), Digest::default());
        let log = Log { ids, next: 1, pending: 0, deliveries, inboxes, bytes: 0, digest };
        Self {
            log: Mutex::new(log),
            generation: watch::Sender::new(0),
            signals: AtomicUsize::new(0),
            paused: watch::Sender::new(false),
            arrived: watch::Sender::new(0),
            memory,
        }
    }

    /// Size of the stored deliveries and calls, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.log.lock().bytes
    }

    /// Charges an unfinished delivery to the memory budget, if there is room.
    pub(crate) fn reserve(&self, delivery: &Mutex<Delivery>) -> crate::value::error::Result<Charge> {
        let size = delivery.lock().size();
        self.memory.reserve(size)
    }

    /// Drops the older half of the delivery log and of each inbox. Dropped deliveries are still made.
    pub(crate) fn halve(&self) {
        let mut log = self.log.lock();
        let before = log.bytes;
        let half = log.deliveries.len().div_ceil(2);
        let mut gone: usize = log.deliveries.drain(..half).map(|delivery| delivery.lock().size()).sum();
        for calls in log.inboxes.values_mut() {
            gone += calls.drain(..calls.len().div_ceil(2)).map(|call| call.size()).sum::<usize>();
        }
        log.inboxes.retain(|_, calls| !calls.is_empty());
        log.bytes = before.saturating_sub(gone);
        self.memory.sub_evictable(before - log.bytes);
    }

    /// Counts a signal as sent.
    pub(crate) fn signal_sent(&self) {
        self.signals.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts a signal as handled, after its deliveries have been added.
    pub(crate) fn signal_handled(&self) {
        self.signals.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether there are unhandled signals.
    pub(crate) fn has_signals(&self) -> bool {
        self.signals.load(Ordering::SeqCst) > 0
    }

    /// The number of unhandled signals and unfinished deliveries.
    pub(crate) fn pending(&self) -> usize {
        // In this order, so that a signal handled in between is counted twice rather than not at all.
        let signals = self.signals.load(Ordering::SeqCst);
        signals + self.log.lock().pending
    }

    /// Generates an ID from the outbox's own sequence, because deliveries run concurrently with calls.
    pub(crate) fn new_id<T>(&self, now: Timestamp) -> Id<T> {
        self.log.lock().ids.id(now)
    }

    /// Adds a delivery to the log.
    pub(crate) fn add(&self, Letter { event, target, to, body, hops, call }: Letter) -> Arc<Mutex<Delivery>> {
        let mut log = self.log.lock();
        log.digest.add_delivery(&event, &body);
        let delivery = Delivery {
            number: log.next,
            generation: *self.generation.borrow(),
            event,
            target,
            to,
            body,
            hops,
            call,
            attempts: Vec::new(),
            state: DeliveryState::Pending,
        };
        log.next += 1;
        log.pending += 1;
        log.bytes += delivery.size();
        self.memory.add_evictable(delivery.size());
        let delivery = Arc::new(Mutex::new(delivery));
        log.deliveries.push_back(delivery.clone());
        if log.deliveries.len() > DELIVERIES
            && let Some(oldest) = log.deliveries.pop_front()
        {
            let size = oldest.lock().size();
            log.bytes -= size;
            self.memory.sub_evictable(size);
        }
        delivery
    }

    /// Records the outcome of a delivery.
    pub(crate) fn done(&self, delivery: &Mutex<Delivery>, state: DeliveryState) {
        let mut log = self.log.lock();
        let mut delivery = delivery.lock();
        delivery.state = state;
        if self.is_current(&delivery) {
            log.pending -= 1;
        }
    }

    /// Whether a delivery was enqueued after the last reset.
    pub(crate) fn is_current(&self, delivery: &Delivery) -> bool {
        *self.generation.borrow() == delivery.generation
    }

    /// Waits until a reset supersedes a delivery.
    pub(crate) async fn superseded(&self, delivery: &Delivery) {
        let mut generation = self.generation.subscribe();
        // Never an error: `self` owns the sender.
        let _ = generation.wait_for(|generation| *generation != delivery.generation).await;
    }

    /// The deliveries in the log, oldest first.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.log.lock().deliveries.iter().map(|delivery| delivery.lock().clone()).collect()
    }

    /// A delivery in the log.
    pub(crate) fn delivery(&self, number: u64) -> Option<Delivery> {
        let log = self.log.lock();
        let first = log.deliveries.front()?.lock().number;
        let at = usize::try_from(number.checked_sub(first)?).ok()?;
        log.deliveries.get(at).map(|delivery| delivery.lock().clone())
    }

    /// Like [`Self::deliveries`], for slow readers, without keeping the deliveries in memory.
    pub(crate) fn listed(&self) -> Vec<Weak<Mutex<Delivery>>> {
        self.log.lock().deliveries.iter().map(Arc::downgrade).collect()
    }

    /// Drops all deliveries and inboxes, and returns the number of deliveries.
    pub(crate) fn forget(&self) -> usize {
        let mut log = self.log.lock();
        self.generation.send_modify(|generation| *generation += 1);
        log.pending = 0;
        self.memory.sub_evictable(std::mem::take(&mut log.bytes));
        log.inboxes.clear();
        std::mem::take(&mut log.deliveries).len()
    }

    /// The digest of all deliveries since the sandbox was created.
    pub(crate) fn digest(&self) -> Digest {
        self.log.lock().digest.clone()
    }

    /// Restarts the digest.
    pub(crate) fn restart_digest(&self) {
        self.log.lock().digest = Digest::default();
    }

    pub(crate) fn pause(&self, paused: bool) {
        self.paused.send_replace(paused);
    }

    pub(crate) fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Waits until deliveries are not paused.
    pub(crate) async fn unpaused(&self) {
        let mut paused = self.paused.subscribe();
        // Never an error: `self` owns the sender.
        let _ = paused.wait_for(|paused| !paused).await;
    }

    /// Adds a call to an inbox. A full inbox drops its oldest calls.
    pub(crate) fn receive(&self, inbox: &str, call: Received) -> crate::value::error::Result<()> {
        self.memory.admit()?;
        let mut log = self.log.lock();
        let (before, mut bytes) = (log.bytes, log.bytes + call.size());
        let calls = log.inboxes.entry(inbox.into()).or_default();
        let mut left = calls.iter().map(|call| call.body.len()).sum::<usize>() + call.body.len();
        calls.push_back(Arc::new(call));
        while calls.len() > RECEIVED || left > RECEIVED_BYTES {
            let Some(oldest) = calls.pop_front() else { break };
            left -= oldest.body.len();
            bytes -= oldest.size();
        }
        log.bytes = bytes;
        self.memory.add_evictable(bytes.saturating_sub(before));
        self.memory.sub_evictable(before.saturating_sub(bytes));
        drop(log);
        self.arrived.send_modify(|number| *number += 1);
        Ok(())
    }

    /// The calls in an inbox, oldest first. Weak, so that slow readers do not keep them in memory.
    pub(crate) fn inbox(&self, name: &str) -> Vec<Weak<Received>> {
        self.log.lock().inboxes.get(name).into_iter().flatten().map(Arc::downgrade).collect()
    }

    /// The names of all inboxes, with their number of calls.
    pub(crate) fn inboxes(&self) -> BTreeMap<Box<str>, usize> {
        self.log.lock().inboxes.iter().map(|(name, calls)| (name.clone(), calls.len())).collect()
    }

    pub(crate) fn empty_inbox(&self, name: &str) {
        let mut log = self.log.lock();
        let gone: usize = log.inboxes.remove(name).into_iter().flatten().map(|call| call.size()).sum();
        log.bytes -= gone;
        self.memory.sub_evictable(gone);
    }

    /// Waits until an inbox has at least this many calls.
    pub(crate) async fn holds(&self, inbox: &str, count: usize) {
        let mut arrived = self.arrived.subscribe();
        while self.log.lock().inboxes.get(inbox).map_or(0, VecDeque::len) < count {
            // Never an error: `self` owns the sender.
            let _ = arrived.changed().await;
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.memory.sub_evictable(self.log.get_mut().bytes);
    }
}

#[cfg(test)]
mod tests;
