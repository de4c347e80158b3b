//! One isolated world: its published state, its clock, its ids, its events.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use imbl::OrdMap;
use parking_lot::Mutex;

use super::{
    Clock, ClockSetting, Id, Result, Tables, Tx,
    event::Outbox,
    id::{IdSource, draw},
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
}

impl State {
    fn new(tables: Tables, ids: IdSource) -> Self {
        let mut tickets: OrdMap<Id<Project>, u32> = OrdMap::new();
        for request in tables.requests.iter() {
            let request = request.value();
            let last = tickets.entry(request.id_project).or_default();
            *last = request.ticket_id.max(*last);
        }
        Self { tables, ids, tickets }
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
    pub(crate) outbox: Outbox,
    /// Signs the tokens of users and guests.
    pub(crate) secret: Secret,
}

impl Sandbox {
    pub(crate) fn new(name: &str, tables: &Tables, seed: u64, clock: ClockSetting) -> Self {
        let loaded = Arc::new(State::new(tables.clone(), IdSource::new(seed, name)));
        Self {
            secret: Secret::new(format!("{:016x}", draw(seed, &("token", name)))),
            state: ArcSwap::new(loaded.clone()),
            loaded,
            turn: Mutex::new(()),
            clock: Clock::new(clock),
            outbox: Outbox::default(),
        }
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
        let (state, events) = tx.finish();
        self.state.store(Arc::new(state));
        self.outbox.push(events);
        Ok(answer)
    }

    /// Back to the loaded fixtures.
    pub(crate) fn reset(&self) {
        let _turn = self.turn.lock();
        self.state.store(self.loaded.clone());
    }

    /// Replaces every document. Ids go on from where they were.
    pub(crate) fn replace(&self, tables: Tables) {
        let _turn = self.turn.lock();
        let ids = self.state.load().ids.clone();
        self.state.store(Arc::new(State::new(tables, ids)));
    }
}
