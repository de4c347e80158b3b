//! Replacing the current state: with the initial one, a snapshot, an import, or an earlier version.

use std::sync::{Arc, atomic::Ordering};

use super::{Discarded, Sandbox};
use crate::{
    runtime::clock::{Change, ClockSetting},
    state::{Tables, event::Rights, version::State},
    value::Timestamp,
};

impl Sandbox {
    /// Restores the initial state, and clears everything but the snapshots and the digest of the run.
    pub(crate) fn reset(&self) -> Discarded {
        let _turn = self.lock_writer_anew();
        self.clock.reset(*self.start_clock.lock());
        self.seed.store(self.start.seed, Ordering::Relaxed);
        self.rate_limit.reset();
        let (faults, deliveries) = (self.faults.clear(), self.publish_instead(&self.loaded.load()));
        self.attachment.note_reset();
        self.provider_states.lock().clear();
        // Last, because it announces the reset on the timeline.
        Discarded { calls: self.clear_journal(), faults, deliveries }
    }

    /// Clears the journal, and the history, which refers to its numbers.
    pub(crate) fn clear_journal(&self) -> u64 {
        self.history.clear();
        self.journal.clear()
    }

    /// Continues from the version just before a call, and sets the clock to its arrival. Drops all deliveries.
    pub(crate) fn rewind(&self, state: &State, at: Timestamp) {
        let _turn = self.lock_writer_anew();
        // All later writes have been discarded.
        let earliest = Timestamp::from_milliseconds(i64::MIN);
        self.clock.change(Change::Set(at), earliest).expect("the clock has shown this time");
        self.rate_limit.reset();
        self.publish_instead(state);
    }

    /// Replaces the state that a reset restores.
    pub(crate) fn reload(&self, loaded: &Arc<State>) {
        self.loaded.store(loaded.clone());
    }

    /// Resets the sandbox and restarts the digest. This and later resets start the clock with this setting (default:
    /// that of the server).
    pub(crate) fn restart(&self, clock: Option<ClockSetting>) {
        *self.start_clock.lock() = clock.unwrap_or(self.start.clock);
        self.reset();
        self.journal.restart_digest();
        self.outbox.restart_digest();
    }

    /// Replaces every document. New IDs will not collide with theirs, regardless of their origin.
    pub(crate) fn replace(&self, tables: Tables) {
        let _turn = self.lock_writer_anew();
        let known = self.state.load();
        let (revision, ids) = (known.revision + 1, known.ids.clone().salted(tables.salt()));
        self.put_in_place(State { revision, ..State::new(tables, ids, self.start.holes) });
        // Two worlds at once take too much memory.
        self.history.forget(self.journal.arrived());
    }

    /// Continues from another state and its IDs. Drops all deliveries.
    pub(crate) fn restore(&self, state: &State) {
        let _turn = self.lock_writer_anew();
        self.publish_instead(state);
    }

    /// The caller must hold the writer lock.
    fn publish_instead(&self, state: &State) -> usize {
        let forgotten = self.outbox.forget();
        let revision = self.state.load().revision + 1;
        let (before, after) = self.put_in_place(State { revision, ..state.clone() });
        drop(self.remember((&before, &after), &[], 0));
        forgotten
    }

    /// Publishes a state without events about its documents, and returns the states before and after. The only signal is
    /// that permissions may have been revoked.
    fn put_in_place(&self, state: State) -> (Arc<State>, Arc<State>) {
        let state = Arc::new(state);
        let before = self.state.swap(state.clone());
        self.publish(state.clone(), Vec::new(), Rights::Ended);
        (before, state)
    }
}
