//! A stateful, in-memory fake of the [Tiledesk REST API](https://developer.tiledesk.com), for tests and local
//! development.
//!
//! A [`Fake`] serves the API from memory: it stores what clients write, checks credentials and roles, sends webhooks,
//! and pushes changes over WebSockets. It runs on a thread with its own runtime, so it works with or without any async
//! runtime. Dropping it stops the server.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, header};
//! use tiledesk_mock::{Fake, Fault};
//!
//! let fake = Fake::builder().seed(7).start()?;
//! let sandbox = fake.sandbox("retry");
//! sandbox.inject(&Fault::status(503).for_operation("get_lead").times(1))?;
//!
//! let get_lead = || {
//!     Request::get("/v3/5b55e806c93dde00143163dd/leads/5c81593adf767b0017d1aa66")
//!         .header(header::AUTHORIZATION, "Basic YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2")
//!         .body(Bytes::new())
//! };
//! let client = sandbox.client();
//! assert_eq!(client.send_blocking(get_lead()?).status(), 503);
//! assert_eq!(client.send_blocking(get_lead()?).status(), 200);
//! assert_eq!(sandbox.count("get_lead"), Ok(2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Concepts
//!
//! - **World:** the documents that a server starts with, either the built-in default world or your own [`fixtures`]
//!   ([`FakeBuilder::fixtures`]).
//! - **Sandbox:** an isolated copy of the world with its own clock, journal, faults, and webhooks. Parallel tests that
//!   share a [`Fake`] each use their own [`Sandbox`].
//! - **Client:** clients under test connect to [`Sandbox::url`]. A [`Client`] calls the server in process instead,
//!   without a socket.
//! - **Time:** the clock of a sandbox can be frozen ([`Sandbox::freeze_at`]) and moved forward ([`Sandbox::advance`]).
//!   IDs are derived from a seed ([`FakeBuilder::seed`]), so that the same calls get the same responses.
//! - **Faults:** a [`Fault`] makes matching calls fail, with an error status, a delay, a connection reset, or a corrupt
//!   body.
//! - **Journal:** a sandbox records its calls as [`RecordedCall`]s, to count them ([`Sandbox::count`]), to expect them
//!   ([`Sandbox::expect`]), or to wait for them ([`Sandbox::wait_for`]).
//! - **Webhooks:** [`Sandbox::deliveries`] lists deliveries to subscriptions, and [`Sandbox::inbox`] the calls received
//!   by built-in test receivers ([`Sandbox::inbox_url`]).
//! - **Snapshots:** [`Sandbox::take_snapshot`], [`Sandbox::restore`], and [`Sandbox::changes_since`].
//! - **Coverage:** [`Fake::coverage`] reports the exercised operations of the API.
//!
//! The [`openapi`] module exports the OpenAPI documents of the API. The binary `tiledesk-mock` runs the same server
//! with the options in [`Config`].
//!
//! The [guides] cover these topics in depth, the control API for tests in other languages, and the [differences] from
//! the reference server. Contributors start with the [architecture].
//!
//! [guides]: https://github.com/tiledesk-mock/tiledesk-mock/tree/main/docs
//! [differences]: https://github.com/tiledesk-mock/tiledesk-mock/blob/main/docs/deviations.md
//! [architecture]: https://github.com/tiledesk-mock/tiledesk-mock/blob/main/docs/architecture.md

mod app;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod bench;
mod config;
mod console;
mod control;
#[cfg(any(feature = "cli", feature = "internals"))]
#[doc(hidden)]
pub mod drift;
#[cfg_attr(not(feature = "internals"), expect(unreachable_pub, reason = "tests read all of it"))]
mod example;
mod fake;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod health;
mod http;
mod identity;
mod json_schema;
mod outbound;
mod parity;
mod proxy;
mod realtime;
mod recorder;
mod recording;
mod render;
mod resource;
mod runtime;
mod simulation;
mod state;
mod store;
mod tls;
mod value;
mod webhook;
mod world;

pub mod openapi;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod pact;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod verify;

#[cfg(any(feature = "cli", feature = "internals"))]
pub use config::Config;
pub use config::{ClockSetting, WebhookTargets};
#[cfg(feature = "internals")]
#[doc(hidden)]
pub use example::{Call, Exchange, FormField, exchanges};
pub use fake::{
    Client, Coverage, Delivery, DeliveryState, Error, Expectation, Fake, FakeBuilder, Fault, InboxCall, RecordedCall,
    Sandbox, StartError, Times, Unmet,
};
#[cfg(any(feature = "cli", feature = "internals"))]
#[doc(hidden)]
pub use proxy::{FailOn, Upstream, UpstreamUrl};
pub use state::fixture::FixtureError;

/// The crates whose types occur in this crate's signatures, in the versions that it uses.
pub mod reexport {
    pub use ::http;
    pub use bytes;
}

/// Worlds as files in JSON or YAML: validation, JSON Schema, export, and generation.
pub mod fixtures {
    use std::{io, path::Path};

    use crate::{
        fake,
        runtime::clock::ClockSetting,
        simulation::history,
        world::{self, Loaded, Reading},
    };
    pub use crate::{
        simulation::{history::Plan, language::Language},
        state::fixture::FixtureError,
        world::{TestFramework, init},
    };

    /// Writes a world with a generated history of conversations, which ends when a clock with this setting starts.
    pub fn generate(plan: &Plan, now: ClockSetting, out: &mut dyn io::Write) -> io::Result<()> {
        history::generate(plan, now.start(), out)
    }

    /// Options for reading worlds. The defaults are those of the server.
    #[derive(Clone, Copy, Debug)]
    pub struct Options {
        /// The clock that relative dates refer to.
        pub clock: ClockSetting,
        /// Whether dangling references, unknown statuses, and the like are only warnings.
        pub lenient: bool,
    }

    impl Default for Options {
        fn default() -> Self {
            Self { clock: ClockSetting::Real, lenient: false }
        }
    }

    impl Options {
        /// Checks a file, or the combined files of a directory, which may be a recording. Returns a summary of the
        /// world, such as `2 projects, 20 conversations`, and the warnings.
        pub fn check(self, path: &Path) -> Result<(String, Vec<String>), FixtureError> {
            let Loaded { tables, warnings } = fake::documents(path, self.reading())?;
            Ok((world::summary(&tables), warnings.iter().map(ToString::to_string).collect()))
        }

        /// Loads the world at `path`, or the default world, and returns it in the full form.
        pub fn dump(self, path: Option<&Path>) -> Result<String, FixtureError> {
            let tables = match path {
                Some(path) => fake::documents(path, self.reading())?.tables,
                None => world::default_world()?,
            };
            Ok(String::from_utf8_lossy(&tables.export()).into_owned())
        }

        /// Like [`Self::dump`], without derived fields, and with names for references. Loading either gives the same
        /// documents.
        ///
        /// # Panics
        ///
        /// Never, because JSON serializes to JSON.
        pub fn dump_short(self, path: Option<&Path>) -> Result<String, FixtureError> {
            let tables = match path {
                Some(path) => fake::documents(path, self.reading())?.tables,
                None => world::default_world()?,
            };
            Ok(serde_json::to_string_pretty(&world::short(&tables, self.reading().now))
                .expect("JSON serializes to JSON")
                + "\n")
        }

        fn reading(self) -> Reading {
            Reading::new(self.clock, self.lenient)
        }
    }

    /// Checks a file, or the combined files of a directory, and returns all problems.
    pub fn check(path: &Path) -> Result<(), FixtureError> {
        Options::default().check(path).map(drop)
    }

    /// The JSON Schema of worlds.
    ///
    /// # Panics
    ///
    /// Never, because a schema serializes to JSON.
    #[must_use]
    pub fn schema() -> String {
        let schema = world::schema();
        serde_json::to_string_pretty(&schema).expect("a schema serializes to JSON") + "\n"
    }

    /// Loads the world at `path`, or the default world, and returns it in the full form, as a single JSON text.
    pub fn dump(path: Option<&Path>) -> Result<String, FixtureError> {
        Options::default().dump(path)
    }
}
