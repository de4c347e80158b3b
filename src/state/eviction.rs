//! Eviction of the oldest journal entries, deliveries, and inbox calls when memory runs low.

use super::{sandbox::Sandbox, world::World};

impl World {
    /// Evicts whenever memory runs low: half of the history, of the journal, or of the deliveries and inbox calls, of the largest
    /// sandbox.
    pub(crate) async fn keep_within_memory(&self) {
        loop {
            self.memory.crowded().await;
            while self.memory.is_crowded() && self.evict() {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Evicts once. Returns whether it freed anything.
    fn evict(&self) -> bool {
        let largest = self.sandboxes.iter().map(|sandbox| sandbox.clone()).max_by_key(|sandbox| sandbox.evictable());
        let evicted = largest.is_some_and(|sandbox| sandbox.evict());
        if evicted {
            self.memory.count_eviction();
        }
        evicted
    }
}

impl Sandbox {
    fn evictable(&self) -> usize {
        self.history.bytes() + self.journal.bytes() + self.outbox.bytes()
    }

    /// Drops the older half of the history, whose documents are counted elsewhere, or, once it is empty, of the journal
    /// or the outbox, whichever is larger.
    fn evict(&self) -> bool {
        let before = self.evictable();
        if self.history.bytes() > 0 {
            self.history.halve();
        } else if self.journal.bytes() >= self.outbox.bytes() {
            self.journal.halve();
        } else {
            self.outbox.halve();
        }
        self.evictable() < before
    }
}
