//! Webhooks: each committed event is posted to whoever subscribed to it, in the order of the commits.
//!
//! One task takes the commits as they come. Every subscription has a lane of its own, in which one delivery follows the
//! other; a target that hangs holds up its lane and nothing else.

pub(crate) mod document;
mod send;
mod target;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use dashmap::DashMap;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, watch};

use self::send::{Outcome, Sender};
pub use self::target::WebhookTargets;
use crate::{
    resource::subscription::{history, model::Subscription, payload},
    world::{
        Id, Sandbox, State, Text, Timestamp,
        event::{Commit, Event, Signal},
        outbox::{Attempt, Delivery, DeliveryState, Recipient},
    },
};

/// Deliveries that are under way at once.
const AT_ONCE: usize = 256;

/// Deliveries that wait for one target. What comes beyond is logged as not delivered.
const WAITING: usize = 200_000;

/// Milliseconds of the fake's clock between the attempts.
const PAUSES: [i64; 2] = [2_000, 4_000];

/// Whom a lane leads to: a subscription of a sandbox, or the bots of one.
type LaneKey = (usize, Option<Id<Subscription>>);

/// The deliveries to one target that are still to be made.
#[derive(Default)]
struct Lane {
    waiting: VecDeque<Job>,
    /// Whether a task walks along it.
    walked: bool,
}

struct Job {
    sandbox: Arc<Sandbox>,
    delivery: Arc<Mutex<Delivery>>,
}

/// Everything that is to be delivered.
pub(crate) struct Webhooks {
    sender: Sender,
    lanes: DashMap<LaneKey, Lane>,
    permits: Semaphore,
    /// Deliveries that are not done yet.
    left: watch::Sender<usize>,
    stopping: watch::Sender<bool>,
}

impl Webhooks {
    pub(crate) fn new(targets: WebhookTargets) -> Arc<Self> {
        Arc::new(Self {
            sender: Sender::new(targets),
            lanes: DashMap::new(),
            permits: Semaphore::new(AT_ONCE),
            left: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        })
    }

    pub(crate) fn take(self: &Arc<Self>, signal: Signal) {
        match signal {
            Signal::Commit(Commit { sandbox, state, events }) => {
                for event in &events {
                    self.tell(&sandbox, &state, event);
                }
                sandbox.outbox.taken();
            }
            Signal::Redeliver { sandbox, delivery } => {
                let Delivery { event, target, to, body, .. } = delivery;
                self.enqueue(&sandbox, event, target, to, body);
                sandbox.outbox.taken();
            }
            Signal::End => {}
        }
    }

    /// Queues the event for each subscription to it.
    fn tell(self: &Arc<Self>, sandbox: &Arc<Sandbox>, state: &State, event: &Event) {
        let mut rendered = None;
        for name in payload::names(state, event) {
            let own = event
                .project
                .into_iter()
                .flat_map(|project| state.tables.subscriptions.with(Subscription::to(project, &name)));
            for doc in own.chain(state.tables.subscriptions.with(Subscription::to_all(&name))) {
                let payload = rendered.get_or_insert_with(|| payload::payload(state, event));
                let subscription = doc.value();
                let body = send::envelope(event.at, payload, &doc.json(), &send::token(doc, event.at));
                let to = Recipient::Subscription {
                    id: subscription.id,
                    project: subscription.id_project,
                    secret: subscription.secret.clone(),
                };
                self.enqueue(sandbox, subscription.event.clone(), subscription.target.clone(), to, body);
            }
        }
        for bot in payload::bots(state, event) {
            let payload = rendered.get_or_insert_with(|| payload::payload(state, event));
            let body = send::envelope(event.at, payload, &bot.json(), &send::bot_token(&bot, event.at));
            let target = bot.value().url.clone().unwrap_or_default();
            self.enqueue(sandbox, event.name.as_str().into(), target, Recipient::Bot, body);
        }
    }

    fn enqueue(self: &Arc<Self>, sandbox: &Arc<Sandbox>, event: Text, target: Text, to: Recipient, body: Bytes) {
        let subscription = match &to {
            Recipient::Subscription { id, .. } => Some(*id),
            Recipient::Bot => None,
        };
        let key = (Arc::as_ptr(sandbox) as usize, subscription);
        let delivery = sandbox.outbox.add(event, target, to, body);
        let mut lane = self.lanes.entry(key).or_default();
        if lane.waiting.len() >= WAITING {
            tracing::error!(target = %delivery.lock().target, "not delivered: too many deliveries wait for this target");
            delivery.lock().state = DeliveryState::Failed;
            return;
        }
        lane.waiting.push_back(Job { sandbox: sandbox.clone(), delivery });
        self.left.send_modify(|left| *left += 1);
        if !lane.walked {
            lane.walked = true;
            let this = self.clone();
            tokio::spawn(async move { this.walk(key).await });
        }
    }

    /// Makes the deliveries of a lane until none is left.
    async fn walk(self: Arc<Self>, key: LaneKey) {
        loop {
            let job = {
                let Some(mut lane) = self.lanes.get_mut(&key) else { return };
                let Some(job) = lane.waiting.pop_front() else {
                    lane.walked = false;
                    return;
                };
                job
            };
            self.deliver(&job).await;
            self.left.send_modify(|left| *left -= 1);
        }
    }

    async fn deliver(&self, Job { sandbox, delivery }: &Job) {
        let mut stopping = self.stopping.subscribe();
        let snapshot = delivery.lock().clone();
        let mut last = None;
        for pause in PAUSES.iter().map(Some).chain([None]) {
            tokio::select! {
                () = sandbox.outbox.unpaused() => {}
                _ = stopping.wait_for(|stopping| *stopping), if sandbox.outbox.is_paused() => break,
            }
            if !sandbox.outbox.is_current(&snapshot) {
                return;
            }
            let permit = self.permits.acquire().await;
            let at = sandbox.clock.now();
            let outcome = self.sender.send(&snapshot).await;
            drop(permit);
            delivery.lock().attempts.push(Attempt {
                at,
                latency: outcome.latency,
                status: outcome.answer.as_ref().map(|answer| answer.status),
                error: outcome.error.clone(),
            });
            let again = outcome.is_worth_another_try();
            last = Some(outcome);
            let Some(pause) = pause.filter(|_| again) else { break };
            let moment = Timestamp::from_milliseconds(sandbox.clock.now().milliseconds() + pause);
            tokio::select! {
                () = sandbox.clock.reach(moment) => {}
                _ = stopping.wait_for(|stopping| *stopping) => break,
            }
        }
        let outcome = last.unwrap_or_else(Outcome::stopped);
        let state = outcome.state();
        let error = outcome.error.as_deref().unwrap_or_default();
        match state {
            DeliveryState::Delivered | DeliveryState::Pending => {}
            // As it was set up; the history tells it, too.
            DeliveryState::Refused => tracing::info!(event = %snapshot.event, target = %snapshot.target, error),
            DeliveryState::Failed => {
                tracing::warn!(event = %snapshot.event, target = %snapshot.target, error, "not delivered");
            }
        }
        if let Recipient::Subscription { project, .. } = snapshot.to {
            let now = sandbox.clock.now();
            let entry = send::entry(sandbox.outbox.new_id(now), project, &snapshot, &outcome, now);
            if let Err(error) = sandbox.write(None, |tx| history::rules::add(tx, entry)) {
                tracing::error!(%error, "the history was not written");
            }
        }
        // Last, so that who waits for it finds it in the history.
        delivery.lock().state = state;
    }

    /// Waits until everything is delivered, at most that long; says what is not.
    pub(crate) async fn finish(&self, grace: Duration) {
        self.stopping.send_replace(true);
        let mut left = self.left.subscribe();
        if tokio::time::timeout(grace, left.wait_for(|left| *left == 0)).await.is_ok() {
            return;
        }
        for lane in &self.lanes {
            for job in &lane.waiting {
                let delivery = job.delivery.lock();
                tracing::warn!(event = %delivery.event, target = %delivery.target, "not delivered: the server was stopped");
            }
        }
    }
}
