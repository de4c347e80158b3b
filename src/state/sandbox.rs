//! One isolated world: its published state, its clock, its ids, its events, its snapshots, its journal and its faults.

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
    callout::{Callout, CalloutReplies, CalloutReply},
    event::{Commit, Event, Rights, Signal, Signals},
    failure::Failures,
    hole::Holes,
    outbox::{Delivery, Outbox},
    snapshot::Snapshots,
    tables::{Collection, Tables},
    tx::{Done, Tx},
    version::State,
    world::DEFAULT,
};
use crate::{
    recorder::{coverage::Coverage, fault::Faults, journal::Journal, rate_limit::RateLimit},
    resource::project::document::Project,
    runtime::{
        clock::{Clock, ClockSetting, uptime},
        hops,
        memory::{Charge, Memory},
    },
    value::{
        Error, Id, Result,
        id::{IdSource, derive},
        primitive::Secret,
    },
};

/// How often a thread lets others run before it sleeps until its turn comes.
const YIELDS: usize = 100;

/// A world of its own. Tokens of one are worth nothing in another.
pub(crate) struct Sandbox {
    pub(crate) name: Box<str>,
    state: ArcSwap<State>,
    /// What a reset goes back to.
    loaded: Arc<State>,
    start: Start,
    seed: AtomicU64,
    /// Writers take turns; readers never wait. Kept is the state before the one that is published: most of it is the same,
    /// and where nobody looks at it any more the next one is made of it.
    writer: Mutex<Option<Arc<State>>>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) rate_limit: RateLimit,
    pub(crate) snapshots: Snapshots,
    /// What was asked and answered.
    pub(crate) journal: Journal,
    /// What was called in all sandboxes.
    pub(crate) coverage: Arc<Coverage>,
    /// What goes wrong on purpose.
    pub(crate) faults: Faults,
    /// What is told to the outside.
    pub(crate) outbox: Outbox,
    /// Background work for it that panicked.
    pub(crate) failures: Failures,
    /// The budget that it shares with all other sandboxes.
    pub(crate) memory: Arc<Memory>,
    /// What it takes of it itself.
    _charge: Option<Charge>,
    signals: Option<Signals>,
    me: Weak<Self>,
    /// Signs the tokens of users and guests.
    pub(crate) secret: Secret,
    /// Milliseconds of the machine's time at which it was used last.
    used: AtomicU64,
}

/// How sandboxes start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) seed: u64,
    /// What keeps the ids of a loaded world from coming again.
    pub(crate) salt: u64,
    pub(crate) clock: ClockSetting,
    /// Most calls that a journal remembers.
    pub(crate) journal: usize,
    /// Calls that may come with the same credentials in a minute.
    pub(crate) rate_limit: Option<NonZeroU32>,
    pub(crate) holes: Holes,
}

/// What all sandboxes of a world share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) coverage: Arc<Coverage>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) signals: Option<Signals>,
}

/// What a reset discarded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Discarded {
    pub(crate) calls: u64,
    pub(crate) faults: usize,
    pub(crate) deliveries: usize,
}

impl Start {
    /// Sandboxes with the same seed give the same ids: the same calls have the same responses in each of them.
    pub(crate) fn ids(&self, seed: u64) -> IdSource {
        IdSource::new(seed, DEFAULT).salted(self.salt)
    }
}

impl Sandbox {
    /// A sandbox that starts from `loaded`.
    pub(crate) fn new(name: &str, loaded: &State, start: Start, shared: Shared, charge: Option<Charge>) -> Arc<Self> {
        let Shared { coverage, memory, signals } = shared;
        let loaded = Arc::new(State { ids: start.ids(start.seed), ..loaded.clone() });
        let clock = Arc::new(Clock::new(start.clock));
        Arc::new_cyclic(|me| Self {
            name: name.into(),
            secret: Secret::new(format!("{:016x}", derive(start.seed, &("token", name)))),
            state: ArcSwap::new(loaded.clone()),
            loaded,
            start,
            seed: AtomicU64::new(start.seed),
            writer: Mutex::new(None),
            rate_limit: RateLimit::new(start.rate_limit, clock.clone()),
            clock,
            snapshots: Snapshots::default(),
            journal: Journal::new(start.journal, memory.clone()),
            coverage,
            faults: Faults::default(),
            outbox: Outbox::new(start.seed, memory.clone()),
            failures: Failures::default(),
            memory,
            _charge: charge,
            signals,
            me: me.clone(),
            used: AtomicU64::new(uptime()),
        })
    }

    /// Whether nothing of it would be lost with it: nothing was written to it, nor kept.
    pub(crate) fn is_pristine(&self) -> bool {
        self.state.load().revision == 0 && self.snapshots.all().is_empty() && !self.is_default()
    }

    /// Whether it is that of calls that name none.
    pub(crate) fn is_default(&self) -> bool {
        &*self.name == DEFAULT
    }

    /// Notes that it is used now.
    pub(crate) fn touch(&self) {
        self.used.store(uptime(), Ordering::Relaxed);
    }

    /// For how long it was not used.
    pub(crate) fn idle(&self) -> Duration {
        Duration::from_millis(uptime().saturating_sub(self.used.load(Ordering::Relaxed)))
    }

    /// The number from which ids and everything else that looks random is made.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.load(Ordering::Relaxed)
    }

    /// Draws ids from another seed from now on.
    pub(crate) fn reseed(&self, seed: u64) {
        let mut turn = self.lock_writer();
        self.seed.store(seed, Ordering::Relaxed);
        let state = State { ids: self.start.ids(seed), ..self.copy(turn.take()) };
        self.state.store(Arc::new(state));
    }

    /// The state as it is now.
    pub(crate) fn state(&self) -> Guard<Arc<State>> {
        self.state.load()
    }

    /// The same, to be held for longer.
    pub(crate) fn state_arc(&self) -> Arc<State> {
        self.state.load_full()
    }

    /// Runs `change` on a copy of the state and publishes the copy if it answers `Ok`.
    ///
    /// The lock is held only inside this function, which does not await.
    pub(crate) fn write<R>(
        &self,
        project: Option<Id<Project>>,
        change: impl FnOnce(&mut Tx) -> Result<R>,
    ) -> Result<R> {
        self.attempt(project, None, change).unwrap_or(Err(Error::INTERNAL))
    }

    /// The same for a change that may have to ask the outside, and is run once more with each answer.
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

    /// Runs a change, or says what it has to know before.
    fn attempt<R>(
        &self,
        project: Option<Id<Project>>,
        answers: Option<CalloutReplies>,
        change: impl FnOnce(&mut Tx) -> Result<R>,
    ) -> Result<Result<R>, Callout> {
        let (mut change, mut answer) = (Some(change), None);
        let outcome = self.commit(project, answers, &mut |tx| {
            let change = change.take().expect("a change is run once");
            answer = Some(change(tx)?);
            Ok(())
        })?;
        Ok(outcome.map(|()| answer.expect("a change that succeeds answers")))
    }

    /// The same for a change that answers nothing: one function for all kinds of changes.
    fn commit(
        &self,
        project: Option<Id<Project>>,
        answers: Option<CalloutReplies>,
        change: &mut dyn FnMut(&mut Tx) -> Result<()>,
    ) -> Result<Result<()>, Callout> {
        let mut turn = self.lock_writer();
        let mut tx = Tx::new(self.copy(turn.take()), project, self.clock.now(), answers);
        // The project may have been deleted since the caller was authorized.
        let is_gone = project.is_some_and(|project| tx.state().tables.projects.get(project).is_none());
        let outcome = if is_gone { Err(Error::OBJECT_NOT_FOUND) } else { change(&mut tx) };
        let outcome = outcome.and_then(|()| if tx.only_adds() { self.memory.admit() } else { Ok(()) });
        if let Some(question) = tx.question() {
            return Err(question);
        }
        if outcome.is_ok() {
            let Done { mut state, events, rights, due } = tx.finish();
            state.revision += 1;
            let state = Arc::new(state);
            let before = self.state.swap(state.clone());
            self.publish(state, events, rights);
            *turn = Some(before);
            drop(turn);
            for due in due {
                due(self);
            }
        }
        Ok(outcome)
    }

    /// The state as it is now, to be changed.
    fn copy(&self, old: Option<Arc<State>>) -> State {
        let state = self.state.load();
        let Some(mut copy) = old.and_then(Arc::into_inner) else { return State::clone(&state) };
        copy.clone_from(&state);
        copy
    }

    /// Files the rows of a table that wait, while others go on, and has what comes go on from there.
    pub(crate) fn file<T: Collection>(&self) {
        let filed = self.state.load_full();
        let filed = T::table(&filed.tables);
        filed.merge();
        // What only the states before had is freed when it is somebody else's turn.
        let (_before, _old);
        let mut turn = self.lock_writer();
        let mut state = self.copy(None);
        if T::table_mut(&mut state.tables).rebase(filed) {
            _before = self.state.swap(Arc::new(state));
            _old = turn.take();
        }
    }

    /// Waits for its turn, and forgets the states before.
    fn lock_writer_anew(&self) -> MutexGuard<'_, Option<Arc<State>>> {
        let mut turn = self.lock_writer();
        *turn = None;
        turn
    }

    /// Waits for its turn. A thread takes longer to be woken than most changes take: it sleeps only after a while.
    fn lock_writer(&self) -> MutexGuard<'_, Option<Arc<State>>> {
        for _ in 0..YIELDS {
            if let Some(turn) = self.writer.try_lock() {
                return turn;
            }
            thread::yield_now();
        }
        self.writer.lock()
    }

    /// Asks the subscribers, one after the other, until one says something that is to be minded.
    pub(crate) async fn ask(&self, question: Callout) -> CalloutReply {
        let (signals, sandbox) = (self.signals.as_ref()?, self.me.upgrade()?);
        let (answer, answered) = oneshot::channel();
        self.outbox.signal_sent();
        signals.sender.send(Signal::Ask { sandbox, question, answer, hops: hops::current() }).ok()?;
        // Nobody answers any more when the server is being stopped.
        answered.await.ok().flatten()
    }

    /// Tells of a commit, before the next one can be made.
    fn publish(&self, state: Arc<State>, events: Vec<Event>, rights: Rights) {
        let Some(sandbox) = self.me.upgrade() else { return };
        let commit = Commit { sandbox, state, events, rights, hops: hops::current() };
        let Some(signals) = self.signals.as_ref().filter(|signals| signals.are_wanted(&commit)) else { return };
        self.outbox.signal_sent();
        // Nobody listens any more when the server is being stopped.
        let _ = signals.sender.send(Signal::Commit(commit));
    }

    /// Makes a delivery once more.
    pub(crate) fn redeliver(&self, delivery: Delivery) {
        let (Some(signals), Some(sandbox)) = (&self.signals, self.me.upgrade()) else { return };
        self.outbox.signal_sent();
        // As above.
        let _ = signals.sender.send(Signal::Redeliver { sandbox, delivery });
    }

    /// Back to how it started, as if nothing had been asked; the snapshots stay, and the digest of the run goes on.
    pub(crate) fn reset(&self) -> Discarded {
        let _turn = self.lock_writer_anew();
        self.clock.reset(self.start.clock);
        self.seed.store(self.start.seed, Ordering::Relaxed);
        self.rate_limit.reset();
        let (faults, calls) = (self.faults.clear(), self.journal.clear());
        Discarded { calls, faults, deliveries: self.publish_instead(&self.loaded) }
    }

    /// A reset after which the digest starts over, too.
    pub(crate) fn restart(&self) {
        self.reset();
        self.journal.restart_digest();
        self.outbox.restart_digest();
    }

    /// The setting with which its clock starts.
    pub(crate) fn clock_at_start(&self) -> ClockSetting {
        self.start.clock
    }

    /// Replaces every document. None of their ids comes again, whoever gave them.
    pub(crate) fn replace(&self, tables: Tables) {
        let _turn = self.lock_writer_anew();
        let known = self.state.load();
        let (revision, ids) = (known.revision + 1, known.ids.clone().salted(tables.salt()));
        self.put_in_place(State { revision, ..State::new(tables, ids, self.start.holes) });
    }

    /// Goes on from another state, with its ids. What was to be delivered is forgotten.
    pub(crate) fn restore(&self, state: &State) {
        let _turn = self.lock_writer_anew();
        self.publish_instead(state);
    }

    /// Must be called by whose turn it is.
    fn publish_instead(&self, state: &State) -> usize {
        let forgotten = self.outbox.forget();
        let revision = self.state.load().revision + 1;
        self.put_in_place(State { revision, ..state.clone() });
        forgotten
    }

    /// The same, without telling of documents: only rights may have ended.
    fn put_in_place(&self, state: State) {
        let state = Arc::new(state);
        self.state.store(state.clone());
        self.publish(state, Vec::new(), Rights::Ended);
    }
}

#[cfg(test)]
mod tests;
