//! Simulated people: generated histories, and visitors who write while the server runs.

mod bound;
mod default_world;
mod history;
mod visitor;
