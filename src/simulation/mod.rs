//! Simulated people: a history of conversations for new worlds, and visitors who write while the server runs.
//!
//! Both follow the same scripts, and the same rules as calls. This module does not depend on HTTP, and all randomness
//! derives from a seed.

mod act;
mod chance;
pub(crate) mod crowd;
pub(crate) mod history;
pub(crate) mod language;
mod plan;
pub(crate) mod present;
mod schedule;
mod script;
mod setup;
pub(crate) mod stage;
mod template;
pub(crate) mod visitor;
