//! How a fake is set up in code.

use std::{net::IpAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use super::{Fake, StartError};
use crate::{config::Config, runtime::clock::ClockSetting, webhook::WebhookTargets};

/// The options of a fake that is to be started. Each has the default of the command line, but for the port: any free one.
///
/// ```
/// # use std::time::SystemTime;
/// use tiledesk_mock::Fake;
///
/// let fake = Fake::builder().empty().frozen_at(0).start()?;
/// let sandbox = fake.default_sandbox();
/// assert_eq!(sandbox.now(), SystemTime::UNIX_EPOCH);
/// assert_eq!(sandbox.state(), serde_json::json!({}));
/// # Ok::<(), tiledesk_mock::StartError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is started yet"]
pub struct FakeBuilder(Config);

impl FakeBuilder {
    /// Starts the fake on a thread and a runtime of its own.
    pub fn start(&self) -> Result<Fake, StartError> {
        Fake::serve(&self.0)
    }

    /// Listens on this address instead of 127.0.0.1.
    pub fn host(mut self, host: IpAddr) -> Self {
        self.0.host = host;
        self
    }

    /// Listens on this port instead of a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.0.port = port;
        self
    }

    /// Serves the world of a JSON file, or of all JSON files of a folder, instead of the default one.
    pub fn fixtures(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.fixtures = Some(path.into());
        self
    }

    /// Serves a world without any documents.
    pub fn empty(mut self) -> Self {
        self.0.empty = true;
        self
    }

    /// Keeps the documents of the default sandbox in this file: it is read at the start, if it is there, and written when the
    /// fake stops.
    pub fn state(mut self, file: impl Into<PathBuf>) -> Self {
        self.0.state = Some(file.into());
        self
    }

    /// Switches the control API off. What this crate offers in its place goes on working.
    pub fn no_control(mut self) -> Self {
        self.0.no_control = true;
        self
    }

    /// Lets only those call the control API who say this token.
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.0.control_token = Some(token.into());
        self
    }

    /// Makes ids and everything else that looks random from this number.
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// Starts with the clock standing still, so many milliseconds after 1970 (UTC).
    pub fn frozen_at(mut self, milliseconds: i64) -> Self {
        self.0.clock = ClockSetting::Frozen(milliseconds);
        self
    }

    /// Where webhooks may go; to loopback and private addresses unless it is said.
    pub fn webhooks(mut self, targets: WebhookTargets) -> Self {
        self.0.webhooks = targets;
        self
    }

    /// Also trusts webhook receivers whose certificates are in this PEM file, or signed by one of them.
    pub fn webhooks_ca(mut self, file: impl Into<PathBuf>) -> Self {
        self.0.webhooks_ca = Some(file.into());
        self
    }

    /// Accepts any certificate from webhook receivers.
    pub fn webhooks_insecure(mut self) -> Self {
        self.0.webhooks_insecure = true;
        self
    }

    /// Refuses whatever is not documented.
    pub fn strict(mut self) -> Self {
        self.0.strict = true;
        self
    }

    /// Lets callers exceed their rights where the reference server lets them. docs/deviations.md lists how.
    pub fn faithful_holes(mut self) -> Self {
        self.0.faithful_holes = true;
        self
    }

    /// Holds every answer against the exported document.
    pub fn self_check(mut self) -> Self {
        self.0.self_check = true;
        self
    }

    /// Refuses more calls a minute from one account, visitor, or program than this, and from one address without credentials.
    pub fn rate_limit(mut self, calls: NonZeroU32) -> Self {
        self.0.rate_limit = Some(calls);
        self
    }

    /// Remembers so many calls in each sandbox; 10,000 unless it is said.
    pub fn journal(mut self, calls: usize) -> Self {
        self.0.journal = calls;
        self
    }

    /// Keeps a sandbox that nobody uses for so long; a day unless it is said.
    pub fn sandbox_ttl(mut self, ttl: Duration) -> Self {
        self.0.sandbox_ttl = ttl;
        self
    }

    /// Refuses calls that name no sandbox.
    pub fn sandbox_required(mut self) -> Self {
        self.0.sandbox_required = true;
        self
    }

    /// Serves TLS, too, with a certificate for `localhost` that is made now.
    pub fn tls_self_signed(mut self) -> Self {
        self.0.tls_self_signed = true;
        self
    }

    /// Serves TLS, too, with this certificate and its key, both files in PEM.
    pub fn tls(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        (self.0.tls_cert, self.0.tls_key) = (Some(certificate.into()), Some(key.into()));
        self
    }

    /// Refuses plain HTTP, except for health checks.
    pub fn require_tls(mut self) -> Self {
        self.0.require_tls = true;
        self
    }
}
