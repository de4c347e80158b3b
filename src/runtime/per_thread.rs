//! Sharding for data that many threads write and few read, without lock contention or false sharing.

use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;
use parking_lot::{Mutex, MutexGuard};

/// Number of shards. Threads beyond it share them.
const SHARDS: usize = 8;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SHARD: usize = THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS;
}

/// One shard per thread.
#[derive(Default)]
pub(crate) struct PerThread<T>([CachePadded<Mutex<T>>; SHARDS]);

impl<T> PerThread<T> {
    /// Locks the current thread's shard.
    pub(crate) fn mine(&self) -> MutexGuard<'_, T> {
        self.0[SHARD.with(|shard| *shard)].lock()
    }

    /// Locks all shards, which excludes writers.
    pub(crate) fn all(&self) -> [MutexGuard<'_, T>; SHARDS] {
        std::array::from_fn(|shard| self.0[shard].lock())
    }
}
