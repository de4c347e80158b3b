//! A part for each thread of what many threads write and few read: they neither wait for each other nor write to the same
//! memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;
use parking_lot::{Mutex, MutexGuard};

/// Threads that have a part of their own; more share them.
const SHARDS: usize = 8;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SHARD: usize = THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS;
}

/// The parts.
#[derive(Default)]
pub(crate) struct PerThread<T>([CachePadded<Mutex<T>>; SHARDS]);

impl<T> PerThread<T> {
    /// That of the thread which asks.
    pub(crate) fn mine(&self) -> MutexGuard<'_, T> {
        self.0[SHARD.with(|shard| *shard)].lock()
    }

    /// All of them. Nobody writes meanwhile.
    pub(crate) fn all(&self) -> [MutexGuard<'_, T>; SHARDS] {
        std::array::from_fn(|shard| self.0[shard].lock())
    }
}
