//! The history of a sandbox: the versions of the state before and after each commit, as long as memory permits.
//!
//! Versions share all unchanged documents, so keeping one costs little more than the documents that only it has.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;

use super::{event::Event, version::State};
use crate::runtime::memory::Memory;

/// Maximum number of steps.
const STEPS: usize = 1_000;

/// Maximum bytes of all steps.
const BYTES: usize = 32 << 20;

/// Approximate size of the tree and index paths that a step copies.
const STEP: usize = 8 << 10;

/// The latest commits of a sandbox.
pub(crate) struct History {
    /// Whether anything is kept.
    enabled: bool,
    kept: Mutex<Kept>,
    bytes: AtomicUsize,
    memory: Arc<Memory>,
}

#[derive(Default)]
struct Kept {
    steps: VecDeque<Step>,
    /// The number of calls that had arrived at the time of the last dropped step.
    dropped: u64,
}

/// A publication of a new version.
#[derive(Clone)]
pub(crate) struct Step {
    /// The number of the call that committed it. `None` for changes by the control API and by deliveries.
    pub(crate) call: Option<u64>,
    /// The number of calls that had arrived.
    arrived: u64,
    pub(crate) before: Arc<State>,
    pub(crate) after: Arc<State>,
    pub(crate) events: Vec<Event>,
    /// Approximate size in bytes.
    bytes: usize,
}

/// The version before a call is no longer kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TooOld;

impl History {
    pub(crate) fn new(enabled: bool, memory: Arc<Memory>) -> Self {
        Self { enabled, kept: Mutex::default(), bytes: AtomicUsize::new(0), memory }
    }

    /// Whether commits should be added.
    pub(super) fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Adds a step, and returns the steps to drop without a lock: the excess ones, or all if memory is low.
    pub(super) fn add(&self, step: Step) -> Vec<Step> {
        if self.memory.is_crowded() {
            let mut dropped = self.take(usize::MAX);
            let mut kept = self.kept.lock();
            kept.dropped = kept.dropped.max(step.arrived);
            dropped.push(step);
            return dropped;
        }
        let mut kept = self.kept.lock();
        if let Some(last) = kept.steps.back_mut().filter(|last| last.continues_with(&step)) {
            self.grow(step.bytes);
            last.bytes += step.bytes;
            last.after = step.after;
            last.events.extend(step.events);
            return Vec::new();
        }
        self.grow(step.bytes);
        kept.steps.push_back(step);
        let mut dropped = Vec::new();
        while kept.steps.len() > STEPS || self.bytes() > BYTES && kept.steps.len() > 1 {
            let Some(oldest) = kept.steps.pop_front() else { break };
            kept.dropped = oldest.arrived;
            self.shrink(oldest.bytes);
            dropped.push(oldest);
        }
        dropped
    }

    fn grow(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.memory.add_evictable(bytes);
    }

    fn shrink(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.memory.sub_evictable(bytes);
    }

    /// Takes the oldest steps.
    fn take(&self, count: usize) -> Vec<Step> {
        let mut kept = self.kept.lock();
        let count = count.min(kept.steps.len());
        let taken: Vec<_> = kept.steps.drain(..count).collect();
        kept.dropped = taken.last().map_or(kept.dropped, |step| step.arrived);
        drop(kept);
        self.shrink(taken.iter().map(|step| step.bytes).sum());
        taken
    }

    /// Size in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Drops the older half.
    pub(super) fn halve(&self) {
        let count = self.kept.lock().steps.len();
        drop(self.take(count.div_ceil(2)));
    }

    /// Drops everything, because call numbers restart.
    pub(super) fn clear(&self) {
        self.forget(0);
    }

    /// Drops everything up to a number of arrived calls.
    pub(super) fn forget(&self, arrived: u64) {
        let taken = self.take(usize::MAX);
        self.kept.lock().dropped = arrived;
        drop(taken);
    }

    /// The steps of a call, in order. Fails if some were dropped, or may have been.
    pub(crate) fn of_call(&self, call: u64) -> Result<Vec<Step>, TooOld> {
        let kept = self.kept.lock();
        let steps: Vec<_> = kept.steps.iter().filter(|step| step.call == Some(call)).cloned().collect();
        if steps.is_empty() && call <= kept.dropped { Err(TooOld) } else { Ok(steps) }
    }

    /// The version just before a call's first change, or at its arrival if it changed nothing. `None` if it is the
    /// current one.
    pub(crate) fn before(&self, call: u64) -> Result<Option<Arc<State>>, TooOld> {
        let kept = self.kept.lock();
        let own = kept.steps.iter().find(|step| step.call == Some(call));
        if own.is_none() && call <= kept.dropped {
            return Err(TooOld);
        }
        let step = own.or_else(|| kept.steps.iter().find(|step| step.arrived >= call));
        Ok(step.map(|step| step.before.clone()))
    }
}

impl Step {
    /// A commit by `call` after `arrived` calls had arrived, which wrote `written` bytes of documents.
    pub(super) fn new(
        (call, arrived): (Option<u64>, u64),
        (before, after): (&Arc<State>, &Arc<State>),
        events: &[Event],
        written: usize,
    ) -> Self {
        let (before, after, events) = (before.clone(), after.clone(), events.to_vec());
        Self { call, arrived, before, after, events, bytes: STEP + written }
    }

    /// Whether the next step belongs to the same call and nothing happened in between.
    fn continues_with(&self, next: &Self) -> bool {
        self.call == next.call && self.arrived == next.arrived && Arc::ptr_eq(&self.after, &next.before)
    }
}

impl Drop for History {
    fn drop(&mut self) {
        self.memory.sub_evictable(self.bytes());
    }
}
