//! The memory budget of the process. Everything stored for callers is charged to it. When it runs out, logs evict their
//! oldest entries, and everything else is rejected.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::{
    store,
    value::{
        Error, Result,
        error::{ErrorBody, ErrorKind},
    },
};

/// Default budget: 512 MiB.
pub(crate) const DEFAULT: usize = 512 << 20;

/// Size of an empty sandbox.
pub(crate) const SANDBOX: usize = 8 << 10;

/// A budget and its charges.
pub(crate) struct Memory {
    limit: usize,
    /// Bytes held until their owners release them, except for documents, which the store counts.
    held: AtomicUsize,
    /// Bytes of journals, delivery logs, and inboxes, which evict their oldest entries when memory runs out.
    evictable: AtomicUsize,
    evicted: AtomicU64,
    refused: AtomicU64,
    /// Wakes the eviction task.
    crowded: Notify,
}

/// Memory in use, with eviction and rejection counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) limit: usize,
    pub(crate) used: usize,
    /// Number of eviction rounds.
    pub(crate) evicted: u64,
    /// Number of rejected calls and frames.
    pub(crate) refused: u64,
}

impl Memory {
    /// Waits until memory runs low.
    pub(crate) async fn crowded(&self) {
        self.crowded.notified().await;
    }

    /// Whether usage is above the soft limit, so that there is something to evict.
    pub(crate) fn is_crowded(&self) -> bool {
        self.used() > self.soft_limit()
    }

    /// Counts a round of eviction.
    pub(crate) fn count_eviction(&self) {
        self.evicted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn new(limit: usize) -> Arc<Self> {
        let (held, evictable) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (evicted, refused) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Self { limit, held, evictable, evicted, refused, crowded: Notify::new() })
    }

    pub(crate) fn usage(&self) -> Usage {
        Usage {
            limit: self.limit,
            used: self.used(),
            evicted: self.evicted.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    fn used(&self) -> usize {
        self.unevictable() + self.evictable.load(Ordering::Relaxed)
    }

    /// Bytes that eviction cannot reclaim.
    fn unevictable(&self) -> usize {
        self.held.load(Ordering::Relaxed) + store::held()
    }

    /// Maximum size of an uploaded world in bytes. Its text and its documents are in memory at the same time, and the
    /// text is copied as its buffer grows.
    pub(crate) fn largest_world(&self) -> usize {
        self.limit / 4
    }

    /// Charges bytes until the charge is dropped. Fails if they would not fit even after eviction.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: usize) -> Result<Charge> {
        let mut charge = Charge { memory: self.clone(), bytes: 0 };
        charge.grow(bytes)?;
        Ok(charge)
    }

    /// Fails if the budget is exhausted.
    pub(crate) fn admit(&self) -> Result<()> {
        if self.unevictable() > self.hard_limit() {
            return Err(self.refuse());
        }
        self.check();
        Ok(())
    }

    fn refuse(&self) -> Error {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let megabytes = self.limit >> 20;
        let text =
            format!("Memory budget of {megabytes} MB exhausted: delete documents or sandboxes, or raise --memory.");
        Error::new(ErrorKind::OutOfMemory, ErrorBody::msg(text.into()))
    }

    /// Charges evictable bytes.
    pub(crate) fn add_evictable(&self, bytes: usize) {
        self.evictable.fetch_add(bytes, Ordering::Relaxed);
        self.check();
    }

    pub(crate) fn sub_evictable(&self, bytes: usize) {
        self.evictable.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn check(&self) {
        if self.used() > self.soft_limit() {
            self.crowded.notify_one();
        }
    }

    /// The usage at which calls are rejected. The rest is for what the program and its allocator need besides.
    fn hard_limit(&self) -> usize {
        self.limit / 32 * 31
    }

    /// The usage at which eviction starts, below the limit because data keeps arriving while it runs.
    fn soft_limit(&self) -> usize {
        self.limit / 4 * 3
    }
}

/// Bytes charged to a budget until this is dropped.
pub(crate) struct Charge {
    memory: Arc<Memory>,
    bytes: usize,
}

impl Charge {
    /// Charges more bytes. On failure they stay charged until this is dropped.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<()> {
        self.memory.held.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        self.memory.admit()
    }

    /// Ties the charge to the bytes: it is released with their last clone or slice.
    pub(crate) fn hold(self, bytes: Bytes) -> Bytes {
        struct Held(Bytes, #[expect(dead_code, reason = "dropped with the bytes")] Charge);

        impl AsRef<[u8]> for Held {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        Bytes::from_owner(Held(bytes, self))
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.memory.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
