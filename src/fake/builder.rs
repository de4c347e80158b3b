//! Options of a fake in code.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use serde_json::Value;

use super::{Fake, StartError};
use crate::{config::Config, runtime::clock::ClockSetting, value::Timestamp, webhook::WebhookTargets};

/// Options of a fake. Defaults are those of the command line, except that the port is a free one.
///
/// ```
/// use std::time::SystemTime;
///
/// use tiledesk_mock::Fake;
///
/// let fake = Fake::builder().empty().frozen_at(SystemTime::UNIX_EPOCH).start()?;
/// let sandbox = fake.default_sandbox();
/// assert_eq!(sandbox.now(), SystemTime::UNIX_EPOCH);
/// assert_eq!(sandbox.state(), serde_json::json!({}));
/// # Ok::<(), tiledesk_mock::StartError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "`start` starts the fake"]
pub struct FakeBuilder(Config);

impl FakeBuilder {
    /// Starts the fake on its own thread and runtime.
    pub fn start(&self) -> Result<Fake, StartError> {
        Fake::serve(&self.0)
    }

    /// Address to listen on (default 127.0.0.1).
    pub fn host(mut self, host: IpAddr) -> Self {
        self.0.host = host;
        self
    }

    /// Port to listen on (default 0: a free one).
    pub fn port(mut self, port: u16) -> Self {
        self.0.port = port;
        self
    }

    /// World to serve instead of the default one: a JSON or YAML file, or a folder whose files are merged.
    pub fn fixtures(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.fixtures = Some(path.into());
        self
    }

    /// World to serve instead of the default one. Resets return to it.
    ///
    /// ```
    /// use serde_json::json;
    /// use tiledesk_mock::Fake;
    ///
    /// let world = json!({
    ///     "users": {"ada": {"name": "Ada Lovelace", "password": "123456"}},
    ///     "projects": [{"name": "Analytical Engines"}],
    ///     "conversations": [{"visitor": "Maria", "dialogue": [{"visitor": "Hello!"}]}]
    /// });
    /// let fake = Fake::builder().world(world).start()?;
    /// let state = fake.default_sandbox().state();
    /// assert_eq!(state["requests"][0]["first_text"], "Hello!");
    /// # Ok::<(), tiledesk_mock::StartError>(())
    /// ```
    pub fn world(mut self, world: Value) -> Self {
        self.0.world = Some(world);
        self
    }

    /// Directory of worlds to offer as provider states of pacts, each as `STATE.json`.
    pub fn pact_states(mut self, folder: impl Into<PathBuf>) -> Self {
        self.0.pact_states = Some(folder.into());
        self
    }

    /// Memory budget in bytes for everything kept for callers (default 512 MiB).
    pub fn memory(mut self, bytes: usize) -> Self {
        self.0.memory = bytes;
        self
    }

    /// Accepts worlds with dangling references, unknown statuses, and the like, with warnings in the log.
    pub fn lenient(mut self) -> Self {
        self.0.lenient = true;
        self
    }

    /// Serves an empty world.
    pub fn empty(mut self) -> Self {
        self.0.empty = true;
        self
    }

    /// Adds a generated history of this many conversations, which ends now, to the default world.
    pub fn demo(mut self, conversations: usize) -> Self {
        self.0.demo = Some(conversations);
        self
    }

    /// Simulates visitors of the default sandbox: this many new conversations per minute of its clock.
    pub fn live(mut self, rate: u32) -> Self {
        self.0.live = Some(rate);
        self
    }

    /// Persists the documents of the default sandbox in this file: read at startup if it exists, written when the fake stops.
    pub fn state(mut self, file: impl Into<PathBuf>) -> Self {
        self.0.state = Some(file.into());
        self
    }

    /// Disables the control API over HTTP. The methods of [`Sandbox`](crate::Sandbox) keep working.
    pub fn no_control(mut self) -> Self {
        self.0.no_control = true;
        self
    }

    /// Requires this bearer token for the control API.
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.0.control_token = Some(token.into());
        self
    }

    /// Also accepts control API calls to these host names: a name, or `*.` and a domain.
    pub fn control_hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.0.control_hosts = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// Seed from which IDs and random values are derived (default 0).
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// Starts with the clock frozen at this time.
    pub fn frozen_at(mut self, time: SystemTime) -> Self {
        self.0.clock = ClockSetting::Frozen(Timestamp::from(time).milliseconds());
        self
    }

    /// Starts with the clock in this setting: frozen, running from some time, or running faster.
    ///
    /// ```
    /// use tiledesk_mock::Fake;
    ///
    /// let fake = Fake::builder().clock("2026-01-01T12:00:00Z+x60".parse()?).start()?;
    /// assert!(fake.default_sandbox().now() > std::time::SystemTime::UNIX_EPOCH);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clock(mut self, setting: ClockSetting) -> Self {
        self.0.clock = setting;
        self
    }

    /// Addresses to which webhooks may be sent (default: loopback and private ones).
    pub fn webhooks(mut self, targets: WebhookTargets) -> Self {
        self.0.webhooks = targets;
        self
    }

    /// PEM file with additional certificates to trust for webhook targets.
    pub fn webhooks_ca(mut self, file: impl Into<PathBuf>) -> Self {
        self.0.webhooks_ca = Some(file.into());
        self
    }

    /// Accepts any certificate from webhook targets.
    pub fn webhooks_insecure(mut self) -> Self {
        self.0.webhooks_insecure = true;
        self
    }

    /// Rejects undocumented input.
    pub fn strict(mut self) -> Self {
        self.0.strict = true;
        self
    }

    /// Permits what the reference server permits beyond the callers' rights (see `docs/deviations.md`).
    pub fn faithful_holes(mut self) -> Self {
        self.0.faithful_holes = true;
        self
    }

    /// Validates every response against the exported document.
    pub fn self_check(mut self) -> Self {
        self.0.self_check = true;
        self
    }

    /// Maximum calls per minute from one account, visitor, or service, and from one address without credentials (default: no limit).
    pub fn rate_limit(mut self, calls: NonZeroU32) -> Self {
        self.0.rate_limit = Some(calls);
        self
    }

    /// Maximum calls in the journal of each sandbox (default 10,000).
    pub fn journal(mut self, calls: usize) -> Self {
        self.0.journal = calls;
        self
    }

    /// How long an unused sandbox is kept (default 24 hours).
    pub fn sandbox_ttl(mut self, ttl: Duration) -> Self {
        self.0.sandbox_ttl = ttl;
        self
    }

    /// Rejects calls that do not name a sandbox.
    pub fn sandbox_required(mut self) -> Self {
        self.0.sandbox_required = true;
        self
    }

    /// Also serves TLS, with a self-signed certificate for `localhost`.
    pub fn tls_self_signed(mut self) -> Self {
        self.0.tls_self_signed = true;
        self
    }

    /// Also serves TLS, with this certificate chain and private key (PEM files).
    pub fn tls(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        (self.0.tls_cert, self.0.tls_key) = (Some(certificate.into()), Some(key.into()));
        self
    }

    /// Rejects plain HTTP, except for health checks.
    pub fn require_tls(mut self) -> Self {
        self.0.require_tls = true;
        self
    }
}
