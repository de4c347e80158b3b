//! Webhooks: posts each committed event to its subscribers, in commit order.
//!
//! One task receives the commits. Each subscription has a lane in which deliveries are made in sequence; an
//! unresponsive target blocks only its own lane.

pub(crate) mod document;
pub(crate) mod egress;
mod send;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use dashmap::{DashMap, Entry};
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, watch};

pub(crate) use self::egress::WebhookTargets;
use self::send::{AttemptResult, Sender};
use crate::{
    outbound::Trust,
    recorder::{redact, timeline::Moment},
    resource::{
        chatbot::document::Bot,
        subscription::{document::Subscription, history, payload},
    },
    runtime::{hops, memory::Charge},
    state::{
        Sandbox, State,
        callout::{Callout, CalloutReply},
        event::{Commit, Event, Signal},
        failure::Task,
        outbox::{Attempt, Delivery, DeliveryState, Letter, Recipient},
    },
    value::{Id, Timestamp},
};

/// Maximum number of concurrent deliveries.
const AT_ONCE: usize = 256;

/// Maximum number of deliveries queued for a target. Further ones fail and are logged.
const WAITING: usize = 200_000;

/// Pauses between the attempts, in milliseconds of the sandbox's clock.
const PAUSES: [i64; 2] = [2_000, 4_000];

/// The sandbox and the recipient of a lane.
type LaneKey = (usize, To);

/// The origin of a webhook: the number of preceding webhooks, and the number of the call.
type Origin = (u8, Option<u64>);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum To {
    Subscription(Id<Subscription>),
    Bot(Id<Bot>),
}

#[derive(Clone)]
struct QueuedDelivery {
    sandbox: Arc<Sandbox>,
    delivery: Arc<Mutex<Delivery>>,
    /// Charges the body to the memory budget until it is delivered.
    charge: Option<Arc<Charge>>,
}

/// The lanes of pending deliveries.
pub(crate) struct Webhooks {
    sender: Sender,
    /// Pending deliveries, the current one first. A lane exists as long as a task works through it.
    lanes: DashMap<LaneKey, VecDeque<QueuedDelivery>>,
    permits: Semaphore,
    /// Notified when the last lane is removed.
    idle: Notify,
    stopping: watch::Sender<bool>,
}

impl Webhooks {
    pub(crate) fn new(targets: WebhookTargets, trust: Trust) -> Result<Arc<Self>, String> {
        Ok(Arc::new(Self {
            sender: Sender::new(targets, trust)?,
            lanes: DashMap::new(),
            permits: Semaphore::new(AT_ONCE),
            idle: Notify::new(),
            stopping: watch::Sender::new(false),
        }))
    }

    pub(crate) fn take(self: &Arc<Self>, signal: Signal) {
        match signal {
            Signal::Commit(Commit { sandbox, state, events, hops, call, .. }) => {
                for event in &events {
                    sandbox.contain(Task::Webhooks, || self.tell(&sandbox, &state, event, (hops, call)));
                }
                sandbox.outbox.signal_handled();
            }
            Signal::Redeliver { sandbox, delivery } => {
                let Delivery { event, target, to, body, hops, call, .. } = delivery;
                self.enqueue(&sandbox, Letter { event, target, to, body, hops, call });
                sandbox.outbox.signal_handled();
            }
            Signal::Ask { sandbox, question, answer, hops, call } => {
                let this = self.clone();
                tokio::spawn(async move {
                    let asked =
                        sandbox.contain_async(Task::Webhooks, this.ask(&sandbox, &question, (hops, call))).await;
                    // The caller may have disconnected.
                    let _ = answer.send(asked.flatten());
                    sandbox.outbox.signal_handled();
                });
            }
            Signal::End => {}
        }
    }

    /// Calls the subscribers in sequence, once each, until one returns operators.
    //
    // Departs: The first `operator.select` subscriber that returns operators wins, and later ones are not called; the
    // reference server's behavior with several subscribers is not known.
    async fn ask(&self, sandbox: &Arc<Sandbox>, question: &Callout, (hops, call): Origin) -> CalloutReply {
        let state = sandbox.state();
        let asked: Vec<_> = state.subscribers(Some(question.project), question.event.as_str()).cloned().collect();
        for doc in asked.into_iter().filter(|_| hops < hops::MAXIMUM) {
            let letter = self.sender.letter(&doc, question.at, &question.payload, (hops + 1, call));
            let job = QueuedDelivery::new(sandbox, letter);
            let snapshot = job.delivery.lock().clone();
            let outcome = tokio::select! {
                outcome = self.send(&job, &snapshot) => outcome,
                () = sandbox.outbox.superseded(&snapshot) => return None,
            };
            job.record(&snapshot, &outcome);
            if let Some(answer) = outcome.json().filter(|answer| answer["operators"].is_array()) {
                return Some(answer);
            }
        }
        None
    }

    /// Queues the event for each of its subscriptions, and for the affected bot.
    fn tell(self: &Arc<Self>, sandbox: &Arc<Sandbox>, state: &State, event: &Event, (hops, call): Origin) {
        let mut rendered = None;
        let names: Vec<_> = payload::names(state, event).into_iter().collect();
        // Within a chain, siblings count as hops: several webhooks that trigger each other multiply with every hop.
        let siblings = || names.iter().map(|name| state.subscribers(event.project, name).count()).sum::<usize>();
        let step = if hops == 0 { 1 } else { u8::try_from(siblings()).unwrap_or(u8::MAX).max(1) };
        let hops = hops.saturating_add(step);
        for name in &names {
            for subscriber in state.subscribers(event.project, name) {
                let payload = rendered.get_or_insert_with(|| payload::payload(state, event));
                self.enqueue(sandbox, self.sender.letter(subscriber, event.at, payload, (hops, call)));
            }
        }
        if let Some(bot) = payload::bot(state, event) {
            let payload = rendered.get_or_insert_with(|| payload::payload(state, event));
            let body =
                send::envelope(event.at, &payload::for_bot(payload), bot.json(), &send::bot_token(&bot, event.at));
            let (target, to) = (bot.value().url.clone().unwrap_or_default(), Recipient::Bot { id: bot.value().id });
            self.enqueue(sandbox, Letter { event: event.name.as_str().into(), target, to, body, hops, call });
        }
    }

    fn enqueue(self: &Arc<Self>, sandbox: &Arc<Sandbox>, letter: Letter) {
        let to_whom = match letter.to {
            Recipient::Subscription { id, .. } => To::Subscription(id),
            Recipient::Bot { id } => To::Bot(id),
        };
        let key = (Arc::as_ptr(sandbox) as usize, to_whom);
        let hops = letter.hops;
        let job = QueuedDelivery::new(sandbox, letter);
        match self.lanes.entry(key) {
            _ if hops > hops::MAXIMUM => {
                job.give_up(&format!("webhook chain too long: {hops} hops exceed the maximum of {}", hops::MAXIMUM));
            }
            _ if job.charge.is_none() => job.give_up("the memory budget is exhausted"),
            Entry::Occupied(lane) if lane.get().len() >= WAITING => {
                job.give_up("too many deliveries are queued for this target");
            }
            Entry::Occupied(mut lane) => lane.get_mut().push_back(job),
            Entry::Vacant(lane) => {
                lane.insert(VecDeque::from([job]));
                let this = self.clone();
                tokio::spawn(async move { this.walk(key).await });
            }
        }
    }

    /// Makes the deliveries of a lane until it is empty.
    async fn walk(self: Arc<Self>, key: LaneKey) {
        while let Some(job) = self.lanes.get(&key).and_then(|lane| lane.front().cloned()) {
            let snapshot = job.delivery.lock().clone();
            let delivering = async {
                tokio::select! {
                    outcome = self.attempt(&job, &snapshot) => job.record(&snapshot, &outcome),
                    () = job.sandbox.outbox.superseded(&snapshot) => {}
                }
            };
            if job.sandbox.contain_async(Task::Webhooks, delivering).await.is_none() {
                job.sandbox.outbox.done(&job.delivery, DeliveryState::Failed);
            }
            if let Some(mut lane) = self.lanes.get_mut(&key) {
                lane.pop_front();
            }
            // Once removed, new deliveries start a new lane with another task.
            if self.lanes.remove_if(&key, |_, lane| lane.is_empty()).is_some() {
                break;
            }
        }
        if self.lanes.is_empty() {
            self.idle.notify_waiters();
        }
    }

    /// Attempts a delivery until no retry is needed or allowed, and returns the result of the last attempt.
    async fn attempt(&self, job: &QueuedDelivery, snapshot: &Delivery) -> AttemptResult {
        let sandbox = &job.sandbox;
        let mut stopping = self.stopping.subscribe();
        let mut last = AttemptResult::stopped();
        for pause in PAUSES.iter().map(Some).chain([None]) {
            tokio::select! {
                () = sandbox.outbox.unpaused() => {}
                _ = stopping.wait_for(|stopping| *stopping), if sandbox.outbox.is_paused() => break,
            }
            last = self.send(job, snapshot).await;
            let Some(pause) = pause.filter(|_| last.is_retryable()) else { break };
            let moment = Timestamp::from_milliseconds(sandbox.clock.now().milliseconds() + pause);
            tokio::select! {
                () = sandbox.clock.reach(moment) => {}
                _ = stopping.wait_for(|stopping| *stopping) => break,
            }
        }
        last
    }

    /// Makes one attempt.
    async fn send(
        &self,
        QueuedDelivery { sandbox, delivery, .. }: &QueuedDelivery,
        snapshot: &Delivery,
    ) -> AttemptResult {
        let _permit = self.permits.acquire().await;
        let at = sandbox.clock.now();
        let outcome = self.sender.send(snapshot).await;
        delivery.lock().attempts.push(outcome.attempt(at));
        sandbox.journal.enter(|| Moment::Delivery(snapshot.number));
        outcome
    }

    /// Waits up to `grace` for all deliveries, and logs the unfinished ones.
    pub(crate) async fn finish(&self, grace: Duration) {
        self.stopping.send_replace(true);
        let emptied = async {
            loop {
                let idle = self.idle.notified();
                if self.lanes.is_empty() {
                    return;
                }
                idle.await;
            }
        };
        if tokio::time::timeout(grace, emptied).await.is_err() {
            self.lanes
                .iter()
                .for_each(|lane| lane.iter().for_each(|job| job.tell_undelivered("the server was stopped")));
        }
    }
}

impl QueuedDelivery {
    fn new(sandbox: &Arc<Sandbox>, letter: Letter) -> Self {
        let delivery = sandbox.outbox.add(letter);
        sandbox.journal.enter(|| Moment::Delivery(delivery.lock().number));
        let charge = sandbox.outbox.reserve(&delivery).ok().map(Arc::new);
        Self { sandbox: sandbox.clone(), delivery, charge }
    }

    /// Fails the delivery without sending anything. The reason is listed as an attempt.
    fn give_up(&self, error: &str) {
        self.tell_undelivered(error);
        let at = self.sandbox.clock.now();
        let attempt = Attempt { at, latency: 0, status: None, error: Some(error.to_owned()) };
        self.delivery.lock().attempts.push(attempt);
        self.sandbox.outbox.done(&self.delivery, DeliveryState::Failed);
        self.sandbox.journal.enter(|| Moment::Delivery(self.delivery.lock().number));
    }

    /// Records the outcome of a delivery in the history and the outbox.
    fn record(&self, snapshot: &Delivery, outcome: &AttemptResult) {
        let (outbox, state) = (&self.sandbox.outbox, outcome.state());
        let error = outcome.error.as_deref().unwrap_or_default();
        match state {
            DeliveryState::Delivered | DeliveryState::Pending => {}
            // Expected by configuration, so no warning.
            DeliveryState::Refused => {
                tracing::info!(event = %snapshot.event, target = %redact::url(&snapshot.target), error);
            }
            DeliveryState::Failed => self.tell_undelivered(error),
        }
        if let Recipient::Subscription { project, .. } = snapshot.to {
            let now = self.sandbox.clock.now();
            let entry = send::entry(outbox.new_id(now), project, snapshot, outcome, now);
            let written = self.sandbox.write(None, |tx| {
                // A reset waits for this write or has already happened. The project may have been deleted.
                let is_wanted = outbox.is_current(snapshot) && tx.state().tables.projects.get(project).is_some();
                if is_wanted { history::rules::add(tx, entry) } else { Ok(()) }
            });
            if let Err(error) = written {
                tracing::error!(%error, "failed to write the webhook history");
            }
        }
        // Last, so that waiting callers find the delivery in the history.
        outbox.done(&self.delivery, state);
        self.sandbox.journal.enter(|| Moment::Delivery(snapshot.number));
    }

    fn tell_undelivered(&self, error: &str) {
        let delivery = self.delivery.lock();
        tracing::warn!(event = %delivery.event, target = %redact::url(&delivery.target), error, "not delivered");
    }
}
