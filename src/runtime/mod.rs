//! Process-wide state shared by all sandboxes: the system clock, the memory budget, per-thread counters, and the
//! webhook hop count of the current call.

pub(crate) mod cause;
pub(crate) mod clock;
pub(crate) mod hops;
pub(crate) mod memory;
pub(crate) mod per_thread;
