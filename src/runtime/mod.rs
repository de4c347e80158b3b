//! What all sandboxes of a process share: the clock's source, the memory budget, counters without contention, and the
//! number of webhooks that led to the current call.

pub(crate) mod clock;
pub(crate) mod hops;
pub(crate) mod memory;
pub(crate) mod per_thread;
