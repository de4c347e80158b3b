//! The state of the fake and its one door.
//!
//! A [`World`] holds sandboxes; a [`Sandbox`] owns one published [`State`], a clock and a source of ids. Reading takes
//! the published state, writing runs a closure over a [`Tx`] that works on a copy-on-write clone of it and is published
//! whole, or not at all.
//!
//! Projects are rows of that state and not cells of their own in a `DashMap`: with one pointer per sandbox a snapshot, a
//! reset or a fork is a pointer, is consistent across projects and users, and a rule that touches both (creating a
//! project, signing up an invited user) is one transaction. What it costs, that two projects of one sandbox are written
//! one after the other, is some microseconds per write.

pub(crate) mod access;
pub(crate) mod caller;
pub(crate) mod clock;
mod decimal;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod file;
pub(crate) mod fixture;
pub(crate) mod id;
pub(crate) mod outbox;
pub(crate) mod sandbox;
pub(crate) mod scope;
pub(crate) mod tables;
pub(crate) mod token;
pub(crate) mod tx;
pub(crate) mod value;

use std::sync::Arc;

use dashmap::DashMap;

use self::event::Signals;
pub(crate) use self::{
    caller::{Actor, Caller, Role},
    clock::{Clock, ClockSetting, Timestamp},
    decimal::Decimal,
    error::{Error, Result},
    id::{Given, Id},
    sandbox::{Sandbox, State},
    scope::Scope,
    tables::{Collection, Entity, Tables},
    tx::Tx,
    value::{JsonObject, Text},
};

/// The sandbox of calls that name none.
const DEFAULT: &str = "default";

/// Everything that one server serves.
pub(crate) struct World {
    /// What every sandbox starts from.
    loaded: Arc<Tables>,
    seed: u64,
    clock: ClockSetting,
    signals: Option<Signals>,
    sandboxes: DashMap<Box<str>, Arc<Sandbox>>,
    /// Most calls name no sandbox, and need not look it up.
    default: Arc<Sandbox>,
}

impl World {
    /// A world whose sandboxes start from `loaded`, and which tells of what is committed.
    pub(crate) fn new(loaded: Tables, seed: u64, clock: ClockSetting, signals: Option<Signals>) -> Self {
        let loaded = Arc::new(loaded);
        let default = Sandbox::new(DEFAULT, &loaded, seed, clock, signals.clone());
        let sandboxes = DashMap::from_iter([(DEFAULT.into(), default.clone())]);
        Self { loaded, seed, clock, signals, sandboxes, default }
    }

    pub(crate) fn default_sandbox(&self) -> &Arc<Sandbox> {
        &self.default
    }

    /// The sandbox of that name. It is made when it is named for the first time.
    pub(crate) fn sandbox(&self, name: &str) -> Arc<Sandbox> {
        if let Some(known) = self.sandboxes.get(name) {
            return known.clone();
        }
        let new = || Sandbox::new(name, &self.loaded, self.seed, self.clock, self.signals.clone());
        self.sandboxes.entry(name.into()).or_insert_with(new).clone()
    }
}
