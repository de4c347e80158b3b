//! The memory budget of the process. What is kept for callers is charged to it; what can be forgotten is, oldest first, and
//! everything else is refused when the budget is used up.

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

/// What a sandbox takes before anything is stored in it.
pub(crate) const SANDBOX: usize = 8 << 10;

/// A budget, and what is charged to it.
pub(crate) struct Memory {
    limit: usize,
    /// Bytes that stay until their owners let go of them, except documents, which the store counts.
    held: AtomicUsize,
    /// Bytes of journals, delivery logs and inboxes, which forget their oldest entries when memory runs out.
    evictable: AtomicUsize,
    evicted: AtomicU64,
    refused: AtomicU64,
    /// Wakes the task that evicts.
    crowded: Notify,
}

/// What is in use, and what was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) limit: usize,
    pub(crate) used: usize,
    /// Rounds of eviction.
    pub(crate) evicted: u64,
    /// Calls and frames that were refused.
    pub(crate) refused: u64,
}

impl Memory {
    /// Waits until memory runs low.
    pub(crate) async fn crowded(&self) {
        self.crowded.notified().await;
    }

    /// Whether more is in use than eviction leaves.
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

    /// Bytes that no eviction gives back.
    fn unevictable(&self) -> usize {
        self.held.load(Ordering::Relaxed) + store::held()
    }

    /// Maximum number of bytes of a world that is sent: its text and its documents are in memory together, and the text is copied
    /// as it grows.
    pub(crate) fn largest_world(&self) -> usize {
        self.limit / 4
    }

    /// Charges bytes until the charge is dropped, or refuses if they do not fit even after eviction.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: usize) -> Result<Charge> {
        let mut charge = Charge { memory: self.clone(), bytes: 0 };
        charge.grow(bytes)?;
        Ok(charge)
    }

    /// Refuses to keep more once the budget is used up.
    pub(crate) fn admit(&self) -> Result<()> {
        if self.unevictable() > self.limit {
            return Err(self.refuse());
        }
        self.check();
        Ok(())
    }

    fn refuse(&self) -> Error {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let megabytes = self.limit >> 20;
        let text = format!(
            "The memory budget of {megabytes} MB is used up: delete documents or sandboxes, or start with a greater --memory."
        );
        Error::new(ErrorKind::OutOfMemory, ErrorBody::Msg(text.into()))
    }

    /// Charges bytes that can be evicted.
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

    /// What eviction leaves room from: more arrives while it works.
    fn soft_limit(&self) -> usize {
        self.limit / 4 * 3
    }
}

/// Bytes that are charged to a budget until this is dropped.
pub(crate) struct Charge {
    memory: Arc<Memory>,
    bytes: usize,
}

impl Charge {
    /// Charges some more. What did not fit stays charged until this is dropped.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<()> {
        self.memory.held.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        self.memory.admit()
    }

    /// Bytes that are charged as long as they, or a part of them, are held.
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
