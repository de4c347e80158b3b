//! What a sandbox tells to the outside: its deliveries, whether they are held back, and what was sent to its inboxes.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use parking_lot::Mutex;
use poem_openapi::Enum;
use tokio::sync::watch;

use super::{Id, Text, Timestamp, digest::Digest, id::IdSource};
use crate::resource::{chatbot::model::Bot, project::model::Project, subscription::model::Subscription};

/// Deliveries that are remembered.
const DELIVERIES: usize = 1_000;

/// Calls that an inbox remembers.
const RECEIVED: usize = 1_000;

/// Most bytes of the bodies that an inbox remembers.
const RECEIVED_BYTES: usize = 64 << 20;

/// The deliveries and the inboxes of a sandbox.
pub(crate) struct Outbox {
    log: Mutex<Log>,
    /// Grows with every reset. Deliveries of an earlier generation are not made any more.
    generation: watch::Sender<u64>,
    /// Signals that were sent and not yet looked at.
    signals: AtomicUsize,
    paused: watch::Sender<bool>,
    /// Changes with whatever arrives in an inbox.
    arrived: watch::Sender<u64>,
}

struct Log {
    ids: IdSource,
    /// The number of the next delivery.
    next: u64,
    /// Deliveries that are still to be made; more of them than are remembered can be.
    pending: usize,
    deliveries: VecDeque<Arc<Mutex<Delivery>>>,
    inboxes: HashMap<Box<str>, VecDeque<Received>>,
    /// The digest of all deliveries, forgotten ones included.
    digest: Digest,
}

/// What is to be sent, and to whom.
pub(crate) struct Letter {
    pub(crate) event: Text,
    pub(crate) target: Text,
    pub(crate) to: Recipient,
    pub(crate) body: Bytes,
}

/// One event on its way to one target.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) number: u64,
    pub(crate) generation: u64,
    pub(crate) event: Text,
    pub(crate) target: Text,
    pub(crate) to: Recipient,
    /// What is sent.
    pub(crate) body: Bytes,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) state: DeliveryState,
}

/// Whom a delivery is for.
#[derive(Clone)]
pub(crate) enum Recipient {
    Subscription {
        id: Id<Subscription>,
        project: Id<Project>,
        secret: super::value::Secret,
    },
    /// An external bot.
    Bot {
        id: Id<Bot>,
    },
}

/// How far a delivery is.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[oai(rename_all = "lowercase")]
pub(crate) enum DeliveryState {
    Pending,
    Delivered,
    Failed,
    /// It may not be sent there.
    Refused,
}

/// One try.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) at: Timestamp,
    /// Milliseconds of the machine's time.
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

impl Outbox {
    pub(super) fn new(seed: u64) -> Self {
        let ids = IdSource::new(seed, "deliveries of default");
        let (deliveries, inboxes, digest) = (VecDeque::new(), HashMap::new(), Digest::default());
        let log = Log { ids, next: 1, pending: 0, deliveries, inboxes, digest };
        Self {
            log: Mutex::new(log),
            generation: watch::Sender::new(0),
            signals: AtomicUsize::new(0),
            paused: watch::Sender::new(false),
            arrived: watch::Sender::new(0),
        }
    }

    /// A signal is on its way to those who make deliveries of it.
    pub(super) fn signalled(&self) {
        self.signals.fetch_add(1, Ordering::SeqCst);
    }

    /// The deliveries of a signal were added.
    pub(crate) fn taken(&self) {
        self.signals.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether there are signals that were not looked at.
    pub(crate) fn has_signals(&self) -> bool {
        self.signals.load(Ordering::SeqCst) > 0
    }

    /// What is still to be done: signals to look at, and deliveries to make.
    pub(crate) fn pending(&self) -> usize {
        // In this order: a signal that is taken in between is counted twice and not left out.
        let signals = self.signals.load(Ordering::SeqCst);
        signals + self.log.lock().pending
    }

    /// An id that is not drawn from those of the state: deliveries happen beside the calls.
    pub(crate) fn new_id<T>(&self, now: Timestamp) -> Id<T> {
        self.log.lock().ids.id(now)
    }

    /// Remembers a delivery that is to be made.
    pub(crate) fn add(&self, Letter { event, target, to, body }: Letter) -> Arc<Mutex<Delivery>> {
        let mut log = self.log.lock();
        log.digest.add_delivery(&event, &body);
        let delivery = Delivery {
            number: log.next,
            generation: *self.generation.borrow(),
            event,
            target,
            to,
            body,
            attempts: Vec::new(),
            state: DeliveryState::Pending,
        };
        log.next += 1;
        log.pending += 1;
        let delivery = Arc::new(Mutex::new(delivery));
        log.deliveries.push_back(delivery.clone());
        if log.deliveries.len() > DELIVERIES {
            log.deliveries.pop_front();
        }
        delivery
    }

    /// Says what became of a delivery.
    pub(crate) fn done(&self, delivery: &Mutex<Delivery>, state: DeliveryState) {
        let mut log = self.log.lock();
        let mut delivery = delivery.lock();
        delivery.state = state;
        if self.is_current(&delivery) {
            log.pending -= 1;
        }
    }

    /// Whether a delivery belongs to the world as it is since the last reset.
    pub(crate) fn is_current(&self, delivery: &Delivery) -> bool {
        *self.generation.borrow() == delivery.generation
    }

    /// Waits until a delivery does not.
    pub(crate) async fn superseded(&self, delivery: &Delivery) {
        let mut generation = self.generation.subscribe();
        // The sender is our own: it cannot be gone.
        let _ = generation.wait_for(|generation| *generation != delivery.generation).await;
    }

    /// The remembered deliveries, oldest first.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.log.lock().deliveries.iter().map(|delivery| delivery.lock().clone()).collect()
    }

    /// Forgets all deliveries, and answers how many, and everything received.
    pub(super) fn forget(&self) -> usize {
        let mut log = self.log.lock();
        self.generation.send_modify(|generation| *generation += 1);
        log.pending = 0;
        log.inboxes.clear();
        std::mem::take(&mut log.deliveries).len()
    }

    /// The digest of all deliveries since the sandbox was created.
    pub(crate) fn digest(&self) -> Digest {
        self.log.lock().digest.clone()
    }

    /// Starts a new digest.
    pub(super) fn restart_digest(&self) {
        self.log.lock().digest = Digest::default();
    }

    pub(crate) fn pause(&self, paused: bool) {
        self.paused.send_replace(paused);
    }

    pub(crate) fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Waits until deliveries are not held back.
    pub(crate) async fn unpaused(&self) {
        let mut paused = self.paused.subscribe();
        // The sender is our own: it cannot be gone.
        let _ = paused.wait_for(|paused| !paused).await;
    }

    pub(crate) fn receive(&self, inbox: &str, call: Received) {
        let mut log = self.log.lock();
        let calls = log.inboxes.entry(inbox.into()).or_default();
        calls.push_back(call);
        let bytes = |calls: &VecDeque<Received>| calls.iter().map(|call| call.body.len()).sum::<usize>();
        while calls.len() > RECEIVED || bytes(calls) > RECEIVED_BYTES {
            calls.pop_front();
        }
        drop(log);
        self.arrived.send_modify(|number| *number += 1);
    }

    pub(crate) fn inbox(&self, name: &str) -> Vec<Received> {
        self.log.lock().inboxes.get(name).into_iter().flatten().cloned().collect()
    }

    /// The names of all inboxes, and how many calls each holds.
    pub(crate) fn inboxes(&self) -> BTreeMap<Box<str>, usize> {
        self.log.lock().inboxes.iter().map(|(name, calls)| (name.clone(), calls.len())).collect()
    }

    pub(crate) fn empty_inbox(&self, name: &str) {
        self.log.lock().inboxes.remove(name);
    }

    /// Waits until an inbox holds that many calls.
    pub(crate) async fn holds(&self, inbox: &str, count: usize) {
        let mut arrived = self.arrived.subscribe();
        while self.log.lock().inboxes.get(inbox).map_or(0, VecDeque::len) < count {
            // The sender is our own: it cannot be gone.
            let _ = arrived.changed().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_deliveries_are_remembered_and_all_are_made() {
        let outbox = Outbox::new(1);
        let letter = || Letter {
            event: "lead.create".into(),
            target: "http://a.example".into(),
            to: Recipient::Bot { id: outbox.new_id(Timestamp::from_milliseconds(0)) },
            body: Bytes::new(),
        };
        let all: Vec<_> = (0..DELIVERIES + 2).map(|_| outbox.add(letter())).collect();
        let numbers: Vec<_> = outbox.deliveries().iter().map(|delivery| delivery.number).collect();
        assert_eq!(numbers, (3..=DELIVERIES as u64 + 2).collect::<Vec<_>>());
        assert_eq!(outbox.pending(), DELIVERIES + 2);
        outbox.done(&all[0], DeliveryState::Delivered);
        outbox.done(&all[5], DeliveryState::Failed);
        assert_eq!(outbox.pending(), DELIVERIES, "whether it is remembered or not");
        outbox.forget();
        outbox.done(&all[1], DeliveryState::Delivered);
        assert_eq!(outbox.pending(), 0, "those of an earlier world do not count");
    }

    #[test]
    fn an_inbox_remembers_the_latest_calls() {
        let outbox = Outbox::new(1);
        let call = |bytes: usize| Received {
            at: Timestamp::from_milliseconds(0),
            method: "POST".into(),
            headers: Vec::new(),
            body: vec![0; bytes].into(),
        };
        let sizes = || outbox.inbox("a").iter().map(|call| call.body.len()).collect::<Vec<_>>();
        (0..RECEIVED + 2).for_each(|bytes| outbox.receive("a", call(bytes)));
        assert_eq!(sizes(), (2..RECEIVED + 2).collect::<Vec<_>>(), "so many");
        outbox.empty_inbox("a");
        let half = RECEIVED_BYTES / 2;
        for bytes in [half, half, 1, half] {
            outbox.receive("a", call(bytes));
        }
        assert_eq!(sizes(), [1, half], "and of so many bytes");
    }

    #[test]
    fn it_is_held_back_until_it_is_let_go() {
        let outbox = Outbox::new(1);
        assert!(!outbox.is_paused());
        outbox.pause(true);
        assert!(outbox.is_paused());
        outbox.pause(false);
        assert!(!outbox.is_paused());
    }
}
