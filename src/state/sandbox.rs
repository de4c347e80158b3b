//! A sandbox: one isolated world with its published state, clock, IDs, events, snapshots, journal, and faults.

mod restore;

use std::{
    num::NonZeroU32,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use arc_swap::{ArcSwap, Guard};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;

use super::{
    attachment::Attachment,
    callout::{Callout, CalloutReplies, CalloutReply},
    event::{Commit, Event, Rights, Signal, Signals},
    failure::Failures,
    history::{History, Step},
    hole::Holes,
    outbox::{Delivery, Outbox},
    snapshot::Snapshots,
    tx::{Done, Tx},
    version::State,
    world::DEFAULT,
};
use crate::{
    recorder::{coverage::Coverage, fault::Faults, journal::Journal, rate_limit::RateLimit},
    resource::project::document::Project,
    runtime::{
        cause,
        clock::{Change, Clock, ClockSetting, Unreachable, uptime},
        hops,
        memory::{Charge, Memory},
    },
    store::{self, Published},
    value::{
        Error, Id, Result, Text,
        id::{IdSource, derive},
        primitive::Secret,
    },
};

/// Number of yields before a waiting writer sleeps.
const YIELDS: usize = 100;

/// An isolated world. Its tokens are not valid in other sandboxes.
pub(crate) struct Sandbox {
    pub(crate) name: Box<str>,
    /// Distinguishes the sandbox from deleted ones with the same name.
    pub(crate) number: u64,
    state: ArcSwap<State>,
    /// The state that a reset restores.
    loaded: ArcSwap<State>,
    start: Start,
    seed: AtomicU64,
    /// Serializes writers; readers never wait. Holds the previous state, reused as the next write buffer when no reader
    /// holds it (double buffering).
    writer: Mutex<Option<Arc<State>>>,
    pub(crate) clock: Arc<Clock>,
    /// The clock setting that a reset restores.
    start_clock: Mutex<ClockSetting>,
    pub(crate) rate_limit: RateLimit,
    pub(crate) snapshots: Snapshots,
    /// The provider states that were set since the last reset.
    pub(crate) provider_states: Mutex<Vec<Text>>,
    /// Recorded calls and responses.
    pub(crate) journal: Journal,
    /// The versions before and after each commit.
    pub(crate) history: History,
    /// Coverage, shared by all sandboxes.
    pub(crate) coverage: Arc<Coverage>,
    /// Injected faults.
    pub(crate) faults: Faults,
    /// Webhook deliveries and inboxes.
    pub(crate) outbox: Outbox,
    /// Data of the layer above.
    pub(crate) attachment: Attachment,
    /// Panics in background work for this sandbox.
    pub(crate) failures: Failures,
    /// The memory budget, shared by all sandboxes.
    pub(crate) memory: Arc<Memory>,
    /// The charge for the sandbox itself.
    _charge: Option<Charge>,
    signals: Option<Signals>,
    me: Weak<Self>,
    /// Signs the tokens of users and guests.
    pub(crate) secret: Secret,
    /// Time of the last use, in milliseconds of [`uptime`].
    used: AtomicU64,
}

/// The initial settings of sandboxes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) seed: u64,
    /// Keeps new IDs from colliding with those in a loaded world.
    pub(crate) salt: u64,
    pub(crate) clock: ClockSetting,
    /// Maximum number of calls in the journal.
    pub(crate) journal: usize,
    /// Maximum number of calls per minute with the same credentials.
    pub(crate) rate_limit: Option<NonZeroU32>,
    pub(crate) holes: Holes,
}

/// Data shared by all sandboxes of a world.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) coverage: Arc<Coverage>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) signals: Option<Signals>,
    /// Number of sandboxes created so far.
    pub(crate) created: Arc<AtomicU64>,
}

/// The counts of what a reset discarded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Discarded {
    pub(crate) calls: u64,
    pub(crate) faults: usize,
    pub(crate) deliveries: usize,
}

impl Start {
    /// The ID generator for a seed. It does not depend on the sandbox, so that equal calls get equal responses in each.
    pub(crate) fn ids(&self, seed: u64) -> IdSource {
        IdSource::new(seed, DEFAULT).salted(self.salt)
    }
}

impl Sandbox {
    /// Creates a sandbox with the state `loaded`.
    pub(crate) fn new(name: &str, loaded: &State, start: Start, shared: Shared, charge: Option<Charge>) -> Arc<Self> {
        let Shared { coverage, memory, signals, created } = shared;
        let loaded = Arc::new(loaded.clone());
        let clock = Arc::new(Clock::new(start.clock));
        Arc::new_cyclic(|me| Self {
            name: name.into(),
            number: created.fetch_add(1, Ordering::Relaxed),
            secret: Secret::new(format!("{:016x}", derive(start.seed, &("token", name)))),
            state: ArcSwap::new(loaded.clone()),
            loaded: ArcSwap::new(loaded),
            start,
            seed: AtomicU64::new(start.seed),
            writer: Mutex::new(None),
            rate_limit: RateLimit::new(start.rate_limit, clock.clone()),
            clock,
            start_clock: Mutex::new(start.clock),
            snapshots: Snapshots::default(),
            provider_states: Mutex::default(),
            journal: Journal::new(start.journal, memory.clone()),
            history: History::new(start.journal > 0, memory.clone()),
            coverage,
            faults: Faults::default(),
            outbox: Outbox::new(start.seed, memory.clone()),
            attachment: Attachment::default(),
            failures: Failures::default(),
            memory,
            _charge: charge,
            signals,
            me: me.clone(),
            used: AtomicU64::new(uptime()),
        })
    }

    /// Whether the sandbox can be dropped without loss: it has no writes and no snapshots, and is not the default one.
    pub(crate) fn is_pristine(&self) -> bool {
        self.state.load().revision == 0 && self.snapshots.all().is_empty() && !self.is_default()
    }

    /// Whether this is the sandbox for calls that name none.
    pub(crate) fn is_default(&self) -> bool {
        &*self.name == DEFAULT
    }

    /// Records a use of the sandbox.
    pub(crate) fn touch(&self) {
        self.used.store(uptime(), Ordering::Relaxed);
    }

    /// Time since the last use.
    pub(crate) fn idle(&self) -> Duration {
        Duration::from_millis(uptime().saturating_sub(self.used.load(Ordering::Relaxed)))
    }

    /// The seed of IDs and all other random values.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.load(Ordering::Relaxed)
    }

    /// Changes the seed of future IDs.
    pub(crate) fn reseed(&self, seed: u64) {
        let mut turn = self.lock_writer();
        self.seed.store(seed, Ordering::Relaxed);
        let state = State { ids: self.start.ids(seed), ..self.copy(turn.take()) };
        self.state.store(Arc::new(state));
    }

    /// Changes the clock, unless it would show a time before the latest write.
    pub(crate) fn set_clock(&self, change: Change) -> Result<(), Unreachable> {
        let _turn = self.lock_writer();
        let before = self.clock.now();
        self.clock.change(change, self.state.load().written_at)?;
        if self.clock.now() < before {
            // Calls from the future would count for a long time.
            self.rate_limit.reset();
        }
        Ok(())
    }

    /// The current state.
    pub(crate) fn state(&self) -> Guard<Arc<State>> {
        self.state.load()
    }

    /// Like [`Self::state`], for holding it longer.
    pub(crate) fn state_arc(&self) -> Arc<State> {
        self.state.load_full()
    }

    /// Runs `change` on a copy of the state, and publishes the copy if it returns `Ok`.
    ///
    /// The lock is held only inside this function, which does not await.
    pub(crate) fn write<R>(
        &self,
        project: Option<Id<Project>>,
        change: impl FnOnce(&mut Tx) -> Result<R>,
    ) -> Result<R> {
        self.attempt(project, None, change).unwrap_or(Err(Error::INTERNAL))
    }

    /// Like [`Self::write`], for a change that may need callouts. It runs again after each reply.
    pub(crate) async fn write_with_callouts<R>(
        &self,
        project: Id<Project>,
        change: impl Fn(&mut Tx) -> Result<R>,
    ) -> Result<R> {
        let mut answers = CalloutReplies::default();
        loop {
            match self.attempt(Some(project), Some(answers.clone()), &change) {
                Ok(answer) => return answer,
                Err(question) => answers.add(self.ask(question).await),
            }
        }
    }

    /// Runs a change, or returns the callout that it needs first.
    fn attempt<R>(
        &self,
        project: Option<Id<Project>>,
        answers: Option<CalloutReplies>,
        change: impl FnOnce(&mut Tx) -> Result<R>,
    ) -> Result<Result<R>, Callout> {
        let (mut change, mut answer) = (Some(change), None);
        let outcome = self.commit(project, answers, &mut |tx| {
            let change = change.take().expect("commit runs a change at most once");
            answer = Some(change(tx)?);
            Ok(())
        })?;
        Ok(outcome.map(|()| answer.expect("commit succeeds only after the change has run")))
    }

    /// The untyped part of [`Self::attempt`], which is compiled only once.
    fn commit(
        &self,
        project: Option<Id<Project>>,
        answers: Option<CalloutReplies>,
        change: &mut dyn FnMut(&mut Tx) -> Result<()>,
    ) -> Result<Result<()>, Callout> {
        let mut turn = self.lock_writer();
        let now = self.clock.now();
        // Includes concurrent writes of other sandboxes, which are few.
        let held = store::held();
        let mut tx = Tx::new(self.copy(turn.take()), project, now, answers);
        // The project may have been deleted after the caller was authorized.
        let is_gone = project.is_some_and(|project| tx.state().tables.projects.get(project).is_none());
        let outcome = if is_gone { Err(Error::OBJECT_NOT_FOUND) } else { change(&mut tx) };
        let outcome = outcome.and_then(|()| if tx.only_adds() { self.memory.admit() } else { Ok(()) });
        if let Some(question) = tx.question() {
            return Err(question);
        }
        if outcome.is_ok() {
            let Done { mut state, events, rights, merges } = tx.finish();
            state.revision += 1;
            state.written_at = state.written_at.max(now);
            let state = Arc::new(state);
            let before = self.state.swap(state.clone());
            let superseded = self.remember((&before, &state), &events, store::held().saturating_sub(held));
            self.attachment.notify();
            self.publish(state, events, rights);
            *turn = Some(before);
            drop(turn);
            drop(superseded);
            merges.run(self);
        }
        Ok(outcome)
    }

    /// Adds a publication to the history, and returns the steps to drop once the writer is unlocked.
    fn remember(&self, versions: (&Arc<State>, &Arc<State>), events: &[Event], written: usize) -> Vec<Step> {
        if !self.history.is_enabled() {
            return Vec::new();
        }
        let made = (cause::current(), self.journal.arrived());
        self.history.add(Step::new(made, versions, events, written))
    }

    /// A copy of the current state, reusing `old` if nothing else holds it.
    fn copy(&self, old: Option<Arc<State>>) -> State {
        let state = self.state.load();
        let Some(mut copy) = old.and_then(Arc::into_inner) else { return State::clone(&state) };
        copy.clone_from(&state);
        copy
    }

    /// Locks the writer and drops the previous state.
    fn lock_writer_anew(&self) -> MutexGuard<'_, Option<Arc<State>>> {
        let mut turn = self.lock_writer();
        *turn = None;
        turn
    }

    /// Locks the writer. Most writes take less time than waking a thread, so it yields for a while before it sleeps.
    fn lock_writer(&self) -> MutexGuard<'_, Option<Arc<State>>> {
        for _ in 0..YIELDS {
            if let Some(turn) = self.writer.try_lock() {
                return turn;
            }
            thread::yield_now();
        }
        self.writer.lock()
    }

    /// Calls the subscribers in sequence until one sends a valid reply.
    pub(crate) async fn ask(&self, question: Callout) -> CalloutReply {
        let (signals, sandbox) = (self.signals.as_ref()?, self.me.upgrade()?);
        let (answer, answered) = oneshot::channel();
        self.outbox.signal_sent();
        let (hops, call) = (hops::current(), cause::current());
        signals.sender.send(Signal::Ask { sandbox, question, answer, hops, call }).ok()?;
        // The receiver is gone while the server shuts down.
        answered.await.ok().flatten()
    }

    /// Publishes a commit. Runs under the writer lock, so that commits are published in order.
    fn publish(&self, state: Arc<State>, events: Vec<Event>, rights: Rights) {
        let Some(sandbox) = self.me.upgrade() else { return };
        let commit = Commit { sandbox, state, events, rights, hops: hops::current(), call: cause::current() };
        let Some(signals) = self.signals.as_ref().filter(|signals| signals.are_wanted(&commit)) else { return };
        self.outbox.signal_sent();
        // The receiver is gone while the server shuts down.
        let _ = signals.sender.send(Signal::Commit(commit));
    }

    /// Repeats a delivery.
    pub(crate) fn redeliver(&self, delivery: Delivery) {
        let (Some(signals), Some(sandbox)) = (&self.signals, self.me.upgrade()) else { return };
        self.outbox.signal_sent();
        // The receiver is gone while the server shuts down.
        let _ = signals.sender.send(Signal::Redeliver { sandbox, delivery });
    }
}

impl Published<State> for Sandbox {
    fn current(&self) -> Arc<State> {
        self.state.load_full()
    }

    fn amend(&self, change: impl FnOnce(&mut State) -> bool) {
        // Drop superseded states after unlocking.
        let (_before, _old);
        let mut turn = self.lock_writer();
        let mut state = self.copy(None);
        if change(&mut state) {
            _before = self.state.swap(Arc::new(state));
            _old = turn.take();
        }
    }
}

#[cfg(test)]
mod tests;
