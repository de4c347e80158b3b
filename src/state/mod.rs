//! The state of the fake and its one door.
//!
//! A [`World`] holds sandboxes; a [`Sandbox`] owns one published [`State`], a clock and a source of ids. Reading takes
//! the published state, writing runs a closure over a [`Tx`] that works on a copy-on-write clone of it and is published
//! whole, or not at all.
//!
//! Projects are rows of that state, not separate cells in a map: with one pointer per sandbox, a snapshot, a reset, or a
//! fork is a pointer, is consistent across projects and users, and a rule that touches both (creating a project, signing up
//! an invited user) is one transaction. The price is that writes to two projects of one sandbox are serialized, which costs
//! microseconds.

pub(crate) mod callout;
pub(crate) mod event;
mod eviction;
pub(crate) mod failure;
pub(crate) mod fixture;
pub(crate) mod hole;
pub(crate) mod outbox;
pub(crate) mod project;
pub(crate) mod query;
pub(crate) mod sandbox;
pub(crate) mod snapshot;
pub(crate) mod state_file;
pub(crate) mod tables;
pub(crate) mod tx;
mod version;
pub(crate) mod world;

pub(crate) use self::{
    hole::{Hole, Holes},
    project::ProjectScope,
    sandbox::Sandbox,
    tables::{Collection, Tables},
    tx::Tx,
    version::State,
    world::{NoSandbox, Settings, World},
};
