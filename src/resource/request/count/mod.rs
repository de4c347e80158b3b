//! How many requests are in which hands.
//!
//! Only the reference server knows this operation. Its other two forms are chosen in the query: without regard to bots, and
//! what counts against the quota of the plan, which is counted by the calendar month here.

pub(crate) mod api;
mod model;
mod rules;
