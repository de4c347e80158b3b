//! One isolated world: its published state, its clock, its ids, its events.

use std::sync::{Arc, Weak};

use arc_swap::{ArcSwap, Guard};
use imbl::OrdMap;
use parking_lot::Mutex;

use super::{
    Clock, ClockSetting, Id, Result, Tables, Tx,
    event::{Commit, Event, Signal, Signals},
    id::{IdSource, draw},
    outbox::{Delivery, Outbox},
    value::Secret,
};
use crate::resource::project::model::Project;

/// Everything that calls can change. A clone shares whatever does not change afterwards.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) tables: Tables,
    pub(crate) ids: IdSource,
    /// The number of the last request of each project; a number is never given twice.
    tickets: OrdMap<Id<Project>, u32>,
    /// Grows with all that is published: of two states the later one has the greater number.
    pub(crate) revision: u64,
}

impl State {
    fn new(tables: Tables, ids: IdSource) -> Self {
        let mut tickets: OrdMap<Id<Project>, u32> = OrdMap::new();
        for request in tables.requests.iter() {
            let request = request.value();
            let last = tickets.entry(request.id_project).or_default();
            *last = request.ticket_id.max(*last);
        }
        Self { tables, ids, tickets, revision: 0 }
    }

    /// The number of a new request.
    pub(super) fn next_ticket(&mut self, project: Id<Project>) -> u32 {
        let last = self.tickets.entry(project).or_default();
        *last += 1;
        *last
    }
}

/// A world of its own. Tokens of one are worth nothing in another.
pub(crate) struct Sandbox {
    state: ArcSwap<State>,
    /// What a reset goes back to.
    loaded: Arc<State>,
    /// Writers take turns; readers never wait.
    turn: Mutex<()>,
    pub(crate) clock: Clock,
    /// What is told to the outside.
    pub(crate) outbox: Outbox,
    signals: Option<Signals>,
    me: Weak<Self>,
    /// Signs the tokens of users and guests.
    pub(crate) secret: Secret,
}

impl Sandbox {
    pub(crate) fn new(
        name: &str,
        tables: &Tables,
        seed: u64,
        clock: ClockSetting,
        signals: Option<Signals>,
    ) -> Arc<Self> {
        let loaded = Arc::new(State::new(tables.clone(), IdSource::new(seed, name)));
        Arc::new_cyclic(|me| Self {
            secret: Secret::new(format!("{:016x}", draw(seed, &("token", name)))),
            state: ArcSwap::new(loaded.clone()),
            loaded,
            turn: Mutex::new(()),
            clock: Clock::new(clock),
            outbox: Outbox::new(seed, name),
            signals,
            me: me.clone(),
        })
    }

    /// The state as it is now.
    pub(crate) fn state(&self) -> Guard<Arc<State>> {
        self.state.load()
    }

    /// Runs `change` on a copy of the state and publishes the copy if it answers `Ok`.
    ///
    /// The lock is held only inside this function, which does not await.
    pub(crate) fn write<R>(
        &self,
        project: Option<Id<Project>>,
        change: impl FnOnce(&mut Tx) -> Result<R>,
    ) -> Result<R> {
        let _turn = self.turn.lock();
        let mut tx = Tx::new(State::clone(&self.state.load()), project, self.clock.now());
        let answer = change(&mut tx)?;
        let (mut state, events) = tx.finish();
        state.revision += 1;
        let state = Arc::new(state);
        self.state.store(state.clone());
        self.publish(state, events);
        Ok(answer)
    }

    /// Tells of a commit, before the next one can be made.
    fn publish(&self, state: Arc<State>, events: Vec<Event>) {
        let (Some(signals), Some(sandbox)) = (&self.signals, self.me.upgrade()) else { return };
        if !events.is_empty() {
            self.outbox.signalled();
            // Nobody listens any more when the server is being stopped.
            let _ = signals.send(Signal::Commit(Commit { sandbox, state, events }));
        }
    }

    /// Makes a delivery once more.
    pub(crate) fn redeliver(&self, delivery: Delivery) {
        let (Some(signals), Some(sandbox)) = (&self.signals, self.me.upgrade()) else { return };
        self.outbox.signalled();
        // As above.
        let _ = signals.send(Signal::Redeliver { sandbox, delivery });
    }

    /// Back to the loaded fixtures. What was to be delivered is forgotten.
    pub(crate) fn reset(&self) {
        let _turn = self.turn.lock();
        self.outbox.forget();
        let revision = self.state.load().revision + 1;
        self.state.store(Arc::new(State { revision, ..State::clone(&self.loaded) }));
    }

    /// Replaces every document. Ids go on from where they were.
    pub(crate) fn replace(&self, tables: Tables) {
        let _turn = self.turn.lock();
        let known = self.state.load();
        let revision = known.revision + 1;
        self.state.store(Arc::new(State { revision, ..State::new(tables, known.ids.clone()) }));
    }
}
