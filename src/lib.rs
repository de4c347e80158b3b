//! A stateful, in-memory fake of the Tiledesk REST API, and the OpenAPI document of that API.
//!
//! # The map
//!
//! ```text
//! main → fake ─→ resource::operations, control ─→ http ─→ world ─→ store
//!        fake ─→ webhook, realtime ─→ resource/*/rules ─→ world
//!                resource/*/api, control ─→ resource/*/rules ─→ world
//!                world/tables ─→ resource/*/model ─→ store
//! ```
//!
//! - `store`: generic containers. Documents are kept rendered; tables answer lists from ordered indexes; everything is
//!   copy-on-write. *Imports nothing of the crate.*
//! - `world`: the state and its one door. Sandboxes, transactions, ids, time, tokens, events, fixtures. *Knows no HTTP.*
//! - `http`: bytes in, bytes out. Every cross-cutting rule of the API has its one place here: who may call, how bodies and
//!   queries are read, how refusals are said. *Knows no resource.*
//! - `resource`: one folder per resource: `model` (what the document shows), `api` (signatures, which are the
//!   documentation), `rules` (what must hold). *Rules never name a status code or a header.*
//! - `control`: `/_control`, with a document of its own.
//! - `exchange`, `openapi`: the documented exchanges, and the exported documents whose examples they are.
//! - `webhook`: takes the commits, and posts what they tell to whoever subscribed to it.
//! - `realtime`: the API of sockets. Takes the commits too, and tells whoever subscribed to a topic.
//! - `fake`, `config`: the composition root, and every option once.
//!
//! # Invariants
//!
//! - A write is visible whole or not at all, and a reader never waits: see `world::tx`.
//! - No lock is held across an await.
//! - Time and ids come from `world::clock` and `world::id` only: the same seed, clock and calls give the same bytes.
//! - In debug builds every answer is parsed as the type that the document gives it, and must say nothing else.

mod app;
#[doc(hidden)]
pub mod bench;
mod config;
mod control;
mod example;
mod fake;
mod http;
mod identity;
mod json_schema;
mod realtime;
mod recorder;
mod render;
mod resource;
mod runtime;
mod state;
mod store;
mod tls;
mod value;
mod webhook;

pub mod openapi;

pub use config::{ClockSetting, Config, WebhookTargets};
pub use example::{Call, Exchange, FormField, exchanges};
pub use fake::{
    Client, Coverage, Delivery, DeliveryState, Error, Expectation, Fake, FakeBuilder, Fault, InboxCall, RecordedCall,
    Sandbox, StartError, Times, Unmet,
};
pub use state::fixture::FixtureError;

/// The crates whose types occur in the signatures of this one, in the versions that it uses.
pub mod reexport {
    pub use ::http;
    pub use bytes;
}

/// The worlds that a server can be started with, as JSON.
pub mod fixtures {
    use std::path::Path;

    use crate::state::fixture;
    pub use crate::state::fixture::FixtureError;

    /// Reads a file, or all `*.json` files of a folder, and says what is wrong with them.
    pub fn check(path: &Path) -> Result<(), FixtureError> {
        fixture::load(path).map(drop)
    }

    /// The JSON Schema of the format.
    #[must_use]
    pub fn schema() -> String {
        fixture::schema()
    }

    /// The world of `path`, or the default world, as one text in the format.
    pub fn dump(path: Option<&Path>) -> Result<String, FixtureError> {
        let tables = path.map_or_else(|| fixture::parse("seed.json", fixture::DEFAULT), fixture::load)?;
        Ok(String::from_utf8_lossy(&tables.export()).into_owned())
    }
}
