//! The state of the fake, and the only way to read and change it.
//!
//! A [`World`] holds sandboxes. A [`Sandbox`] owns one published [`State`], a clock, and an ID generator. Readers take
//! the published state. Writers run a closure over a [`Tx`], a copy-on-write clone that is published as a whole or not
//! at all.
//!
//! Projects are rows of that state rather than cells in a concurrent map. With one pointer per sandbox, a snapshot,
//! reset, or fork is a pointer copy that is consistent across projects and users, and a rule that touches both
//! (creating a project, signing up an invited user) is one transaction. The price is that writes to different projects
//! of a sandbox are serialized, which costs microseconds.

pub(crate) mod attachment;
pub(crate) mod browse;
pub(crate) mod callout;
pub(crate) mod edit;
pub(crate) mod event;
mod eviction;
pub(crate) mod failure;
pub(crate) mod fixture;
pub(crate) mod history;
pub(crate) mod hole;
pub(crate) mod outbox;
pub(crate) mod problem;
pub(crate) mod project;
pub(crate) mod provider_state;
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
