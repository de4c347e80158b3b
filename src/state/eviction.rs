//! What is forgotten when memory runs low: the oldest of journals, deliveries and inboxes.

use super::{sandbox::Sandbox, world::World};

impl World {
    /// Evicts whenever memory runs low: half of the journal, deliveries and inbox calls of the sandbox that has most of them.
    pub(crate) async fn keep_within_memory(&self) {
        loop {
            self.memory.crowded().await;
            while self.memory.is_crowded() && self.evict() {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Evicts once. Returns whether anything was evicted.
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
        self.journal.bytes() + self.outbox.bytes()
    }

    /// Forgets the older half of what it has most of.
    fn evict(&self) -> bool {
        let before = self.evictable();
        if self.journal.bytes() >= self.outbox.bytes() {
            self.journal.halve();
        } else {
            self.outbox.halve();
        }
        self.evictable() < before
    }
}
