//! The options of a server. Each is declared once, as a flag, an environment variable, and a field of [`Config`].

#[cfg(feature = "cli")]
mod value;

use std::{net::IpAddr, num::NonZeroU32, path::PathBuf, time::Duration};

#[cfg(feature = "cli")]
use self::value::{
    parse_bytes, parse_calls, parse_conversations, parse_host, parse_instance, parse_port, parse_seed, parse_size,
};
#[cfg(feature = "cli")]
use crate::runtime::clock::parse_duration;
use crate::{proxy::Upstream, runtime::memory};
pub use crate::{runtime::clock::ClockSetting, webhook::egress::WebhookTargets};

/// Ping interval of the reference server.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Enough calls for a long test.
const JOURNAL: usize = 10_000;

/// Long enough to continue with a sandbox the next day.
const TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Longer than the pauses of browsers and SDKs.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The options of a server.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Config {
    /// Address to listen on, or a name that resolves to one.
    ///
    /// Any address other than loopback lets other machines read and change everything.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Server", env = "TILEDESK_MOCK_HOST", default_value = "127.0.0.1", value_parser = parse_host))]
    pub host: IpAddr,

    /// Port to listen on; 0 picks a free one.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Server", env = "TILEDESK_MOCK_PORT", default_value_t = 4010, value_parser = parse_port))]
    pub port: u16,

    /// ID of this server, by which `health --instance` recognizes it (default: random).
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Server", env = "TILEDESK_MOCK_INSTANCE", value_name = "ID", value_parser = parse_instance))]
    pub instance: Option<String>,

    /// World to serve: a JSON or YAML file, or a directory whose files are combined (default: the built-in world).
    #[cfg_attr(
        feature = "cli",
        arg(
            long,
            help_heading = "World",
            env = "TILEDESK_MOCK_FIXTURES",
            value_name = "FILE|DIR",
            conflicts_with = "empty"
        )
    )]
    pub fixtures: Option<PathBuf>,

    /// World to serve, in the fixture format. Only code can set it.
    #[doc(hidden)]
    #[cfg_attr(feature = "cli", arg(skip))]
    pub world: Option<serde_json::Value>,

    /// Replay the calls of this recording, and handle all others normally.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "World", env = "TILEDESK_MOCK_REPLAY", value_name = "DIR"))]
    pub replay: Option<PathBuf>,

    /// Accept worlds with dangling references, unknown statuses, and the like, with warnings.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "World", env = "TILEDESK_MOCK_LENIENT"))]
    pub lenient: bool,

    /// Reload the world whenever its files change; requires --fixtures.
    ///
    /// While the files have problems, the old world is served, and the problems are logged.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "World", env = "TILEDESK_MOCK_WATCH", requires = "fixtures"))]
    pub watch: bool,

    /// Directory of provider states for pacts: a world for each, as `STATE.json`.
    #[cfg_attr(
        feature = "cli",
        arg(long, help_heading = "World", env = "TILEDESK_MOCK_PACT_STATES", value_name = "DIR")
    )]
    pub pact_states: Option<PathBuf>,

    /// Start without any documents.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "World", env = "TILEDESK_MOCK_EMPTY"))]
    pub empty: bool,

    /// Add a generated history of this many conversations, which ends now, to the built-in world (default 500).
    #[cfg_attr(
        feature = "cli",
        arg(
            long,
            help_heading = "World",
            env = "TILEDESK_MOCK_DEMO",
            value_name = "SIZE",
            num_args = 0..=1,
            default_missing_value = "500",
            conflicts_with_all = ["fixtures", "empty"],
            value_parser = parse_conversations
        )
    )]
    pub demo: Option<usize>,

    /// Simulate visitors of the default sandbox: this many new conversations per minute (default 6, maximum 600).
    #[cfg_attr(
        feature = "cli",
        arg(
            long,
            help_heading = "World",
            env = "TILEDESK_MOCK_LIVE",
            value_name = "RATE",
            num_args = 0..=1,
            default_missing_value = "6",
            conflicts_with = "empty",
            value_parser = clap::value_parser!(u32).range(1..=600)
        )
    )]
    pub live: Option<u32>,

    /// Seed for IDs and all other random values.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "World", env = "TILEDESK_MOCK_SEED", default_value_t = 0, value_parser = parse_seed, value_name = "N", allow_negative_numbers = true))]
    pub seed: u64,

    /// Clock of new sandboxes: `real`, or an ISO 8601 date and time with a time zone at which it is frozen.
    ///
    /// With `+` after the date, the clock runs from there; with `+x60`, or as `real x60`, it runs 60 times faster.
    #[cfg_attr(
        feature = "cli",
        arg(
            long,
            help_heading = "World",
            env = "TILEDESK_MOCK_CLOCK",
            default_value = "real",
            value_name = "TIME[+[xN]]|real"
        )
    )]
    pub clock: ClockSetting,

    /// Reject undocumented input and report every violation.
    ///
    /// A single request opts in with `Prefer: handling=strict`.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "API behavior", env = "TILEDESK_MOCK_STRICT"))]
    pub strict: bool,

    /// Let callers exceed their rights where the reference server does; docs/deviations.md lists how.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "API behavior", env = "TILEDESK_MOCK_FAITHFUL_HOLES"))]
    pub faithful_holes: bool,

    /// Validate every response against the exported document; a violation becomes a 500 that explains it.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "API behavior", env = "TILEDESK_MOCK_SELF_CHECK"))]
    pub self_check: bool,

    /// Put an apostrophe before CSV cells that spreadsheets would evaluate as formulas.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "API behavior", env = "TILEDESK_MOCK_SAFE_CSV"))]
    pub safe_csv: bool,

    /// Maximum requests per minute and caller, according to the sandbox's clock (default: no limit).
    ///
    /// The limit applies to each account, visitor, and program, and to each address without valid credentials. Further
    /// requests get 429.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "API behavior", env = "TILEDESK_MOCK_RATE_LIMIT", value_parser = parse_calls, value_name = "N"))]
    pub rate_limit: Option<NonZeroU32>,

    /// Reject plain HTTP with 403, except for health checks.
    ///
    /// A proxy on this machine or its private network declares TLS with `X-Forwarded-Proto: https`.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "TLS", env = "TILEDESK_MOCK_REQUIRE_TLS"))]
    pub require_tls: bool,

    /// Also serve TLS and HTTP/2 on the same port, with a certificate for `localhost` created at startup.
    #[cfg(feature = "tls")]
    #[cfg_attr(
        feature = "cli",
        arg(long, help_heading = "TLS", env = "TILEDESK_MOCK_TLS_SELF_SIGNED", conflicts_with = "tls_cert")
    )]
    pub tls_self_signed: bool,

    /// Also serve TLS and HTTP/2 on the same port, with the certificate chain in this PEM file; requires --tls-key.
    #[cfg(feature = "tls")]
    #[cfg_attr(
        feature = "cli",
        arg(long, help_heading = "TLS", env = "TILEDESK_MOCK_TLS_CERT", value_name = "FILE", requires = "tls_key")
    )]
    pub tls_cert: Option<PathBuf>,

    /// PEM file with the private key of the certificate; requires --tls-cert.
    #[cfg(feature = "tls")]
    #[cfg_attr(
        feature = "cli",
        arg(long, help_heading = "TLS", env = "TILEDESK_MOCK_TLS_KEY", value_name = "FILE", requires = "tls_cert")
    )]
    pub tls_key: Option<PathBuf>,

    /// Maximum number of requests in the journal of each sandbox; 0 disables the journal.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Control API, journal, and coverage", env = "TILEDESK_MOCK_JOURNAL", default_value_t = JOURNAL, value_parser = parse_size, value_name = "N"))]
    pub journal: usize,

    /// Memory budget of all sandboxes together, in bytes or with a unit, such as `512MB` or `2GB`.
    ///
    /// It covers documents, uploads, sandboxes, journals, webhook deliveries, inboxes, and socket queues. When it is
    /// exhausted, journals, deliveries, and inboxes drop their oldest entries, and other requests get 507.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Server", env = "TILEDESK_MOCK_MEMORY", default_value = "512MB", value_parser = parse_bytes, value_name = "SIZE"))]
    pub memory: usize,

    /// Maximum time for a client to send the head of a request, such as `30s`.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Server", env = "TILEDESK_MOCK_HEADER_TIMEOUT", default_value = "30s", value_parser = parse_duration, value_name = "TIME"))]
    pub header_timeout: Duration,

    /// Maximum pause in a request body, such as `30s`; then the request gets 408.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Server", env = "TILEDESK_MOCK_BODY_TIMEOUT", default_value = "30s", value_parser = parse_duration, value_name = "TIME"))]
    pub body_timeout: Duration,

    /// Disable the journal, coverage, rate limits, checks, and faults, as a baseline for benchmarks.
    #[doc(hidden)]
    #[cfg_attr(feature = "cli", arg(long, hide = true, conflicts_with_all = ["self_check", "rate_limit"]))]
    pub unobserved: bool,

    /// Time until an unused sandbox is dropped, such as `90s` or `2h`.
    ///
    /// The default sandbox is never dropped.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Sandboxes", env = "TILEDESK_MOCK_SANDBOX_TTL", default_value = "24h", value_parser = parse_duration, value_name = "TIME"))]
    pub sandbox_ttl: Duration,

    /// Keep the documents of the default sandbox in this file.
    ///
    /// The file is read at startup if it exists, and written at shutdown and on `POST /_control/state/save`.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "World", env = "TILEDESK_MOCK_STATE", value_name = "FILE"))]
    pub state: Option<PathBuf>,

    /// Disable the control API.
    #[cfg_attr(
        feature = "cli",
        arg(
            long,
            help_heading = "Control API, journal, and coverage",
            env = "TILEDESK_MOCK_NO_CONTROL",
            conflicts_with = "control_token"
        )
    )]
    pub no_control: bool,

    /// Require this bearer token for the control API.
    ///
    /// Clients send it as `Authorization: Bearer TOKEN`. Pages of other origins can then call the control API, too.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Control API, journal, and coverage", env = "TILEDESK_MOCK_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true, value_parser = clap::builder::NonEmptyStringValueParser::new()))]
    pub control_token: Option<String>,

    /// Also accept control API calls to these host names, separated by commas, such as `host.docker.internal` or `*.svc`.
    ///
    /// Without this option, the control API accepts IP addresses, names without a dot, and `*.localhost`.
    #[cfg_attr(
        feature = "cli",
        arg(
            long,
            help_heading = "Control API, journal, and coverage",
            env = "TILEDESK_MOCK_CONTROL_HOSTS",
            value_name = "HOSTS",
            value_delimiter = ',',
            conflicts_with = "no_control"
        )
    )]
    pub control_hosts: Vec<String>,

    /// Reject requests that name no sandbox.
    #[cfg_attr(feature = "cli", arg(long, help_heading = "Sandboxes", env = "TILEDESK_MOCK_SANDBOX_REQUIRED"))]
    pub sandbox_required: bool,

    /// Allowed webhook targets: none, loopback and private addresses (not link-local ones), or any.
    #[cfg_attr(
        feature = "cli",
        arg(
            long,
            help_heading = "Webhooks",
            env = "TILEDESK_MOCK_WEBHOOKS",
            default_value = "local",
            value_name = "off|local|any"
        )
    )]
    pub webhooks: WebhookTargets,

    /// Also trust webhook receivers whose certificates are in this PEM file or signed by one in it.
    #[cfg(feature = "tls")]
    #[cfg_attr(
        feature = "cli",
        arg(long, help_heading = "Webhooks", env = "TILEDESK_MOCK_WEBHOOKS_CA", value_name = "FILE")
    )]
    pub webhooks_ca: Option<PathBuf>,

    /// Accept any certificate from webhook receivers.
    #[cfg(feature = "tls")]
    #[cfg_attr(
        feature = "cli",
        arg(long, help_heading = "Webhooks", env = "TILEDESK_MOCK_WEBHOOKS_INSECURE", conflicts_with = "webhooks_ca")
    )]
    pub webhooks_insecure: bool,

    /// The server to forward to, instead of imitating the API.
    #[doc(hidden)]
    #[cfg_attr(feature = "cli", arg(skip))]
    pub upstream: Option<Upstream>,

    /// Ping interval of the realtime API. Tests shorten it.
    #[doc(hidden)]
    #[cfg_attr(feature = "cli", arg(skip = HEARTBEAT))]
    pub heartbeat: Duration,
}

impl Default for Config {
    /// Serves the default world on a free port of the loopback address.
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 0,
            instance: None,
            fixtures: None,
            pact_states: None,
            world: None,
            replay: None,
            lenient: false,
            watch: false,
            empty: false,
            demo: None,
            live: None,
            seed: 0,
            clock: ClockSetting::Real,
            strict: false,
            faithful_holes: false,
            self_check: false,
            safe_csv: false,
            rate_limit: None,
            require_tls: false,
            #[cfg(feature = "tls")]
            tls_self_signed: false,
            #[cfg(feature = "tls")]
            tls_cert: None,
            #[cfg(feature = "tls")]
            tls_key: None,
            journal: JOURNAL,
            state: None,
            no_control: false,
            control_token: None,
            control_hosts: Vec::new(),
            unobserved: false,
            memory: memory::DEFAULT,
            header_timeout: TIMEOUT,
            body_timeout: TIMEOUT,
            sandbox_ttl: TTL,
            sandbox_required: false,
            webhooks: WebhookTargets::Local,
            #[cfg(feature = "tls")]
            webhooks_ca: None,
            #[cfg(feature = "tls")]
            webhooks_insecure: false,
            upstream: None,
            heartbeat: HEARTBEAT,
        }
    }
}
