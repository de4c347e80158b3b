//! Every option once: the flag, the environment variable and the field of the library are the same.

mod value;

use std::{net::IpAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use clap::{Args, builder::NonEmptyStringValueParser};

use self::value::{parse_bytes, parse_calls, parse_host, parse_port, parse_seed, parse_size};
use crate::runtime::{clock::parse_duration, memory};
pub use crate::{runtime::clock::ClockSetting, webhook::egress::WebhookTargets};

/// As the reference server pings.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// As many calls as a long test makes.
const JOURNAL: usize = 10_000;

/// Whoever comes back on the next day finds a sandbox as it was.
const TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// As long as a browser or an SDK may pause.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How a server is set up.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Config {
    /// Address to listen on, or a name that resolves to one. Anything but a loopback address lets other machines in.
    #[arg(long, env = "TILEDESK_MOCK_HOST", default_value = "127.0.0.1", value_parser = parse_host)]
    pub host: IpAddr,

    /// Port to listen on; 0 takes a free one.
    #[arg(long, env = "TILEDESK_MOCK_PORT", default_value_t = 4010, value_parser = parse_port)]
    pub port: u16,

    /// World to serve: a JSON file, or a folder whose *.json files are read together.
    #[arg(long, env = "TILEDESK_MOCK_FIXTURES", value_name = "FILE|DIR", conflicts_with = "empty")]
    pub fixtures: Option<PathBuf>,

    /// World to serve, in the fixture format. Only code can set it.
    #[doc(hidden)]
    #[arg(skip)]
    pub world: Option<serde_json::Value>,

    /// Start without any documents.
    #[arg(long, env = "TILEDESK_MOCK_EMPTY")]
    pub empty: bool,

    /// Number from which ids and everything else that looks random is made.
    #[arg(long, env = "TILEDESK_MOCK_SEED", default_value_t = 0, value_parser = parse_seed, value_name = "N")]
    pub seed: u64,

    /// Time of the fake: the machine's, or an ISO 8601 date at which it stands still.
    #[arg(long, env = "TILEDESK_MOCK_CLOCK", default_value = "real", value_name = "TIME|real")]
    pub clock: ClockSetting,

    /// Refuse whatever is not documented, and say all of it. A call asks for it with `Prefer: handling=strict`.
    #[arg(long, env = "TILEDESK_MOCK_STRICT")]
    pub strict: bool,

    /// Let callers exceed their rights where the reference server lets them. docs/deviations.md lists how.
    #[arg(long, env = "TILEDESK_MOCK_FAITHFUL_HOLES")]
    pub faithful_holes: bool,

    /// Hold every answer against the exported document; one that does not fit becomes a 500 that says why.
    #[arg(long, env = "TILEDESK_MOCK_SELF_CHECK")]
    pub self_check: bool,

    /// Put an apostrophe before the cells of CSV exports that spreadsheets would take for formulas.
    #[arg(long, env = "TILEDESK_MOCK_SAFE_CSV")]
    pub safe_csv: bool,

    /// Maximum calls per minute of the fake's clock from one account, visitor, or program, and from one address without valid
    /// credentials; further ones get 429.
    #[arg(long, env = "TILEDESK_MOCK_RATE_LIMIT", value_parser = parse_calls, value_name = "N")]
    pub rate_limit: Option<NonZeroU32>,

    /// Refuse plain HTTP with 403, except for health checks. A proxy on this machine or its private network says with
    /// `X-Forwarded-Proto: https` that it was called over TLS.
    #[arg(long, env = "TILEDESK_MOCK_REQUIRE_TLS")]
    pub require_tls: bool,

    /// Serve TLS, too, on the same port, with a certificate for `localhost` that is made at the start.
    #[arg(long, env = "TILEDESK_MOCK_TLS_SELF_SIGNED", conflicts_with = "tls_cert")]
    pub tls_self_signed: bool,

    /// Serve TLS, too, on the same port: a file with the certificate and those it is signed with, in PEM.
    #[arg(long, env = "TILEDESK_MOCK_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// The private key of the certificate, in PEM.
    #[arg(long, env = "TILEDESK_MOCK_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Calls that each sandbox remembers; 0 for none.
    #[arg(long, env = "TILEDESK_MOCK_JOURNAL", default_value_t = JOURNAL, value_parser = parse_size, value_name = "N")]
    pub journal: usize,

    /// Maximum memory for what is kept for callers: documents, uploads, sandboxes, journals, webhook deliveries, inboxes and the
    /// queues of sockets; in bytes, or as in `512MB` or `2GB`. Journals, deliveries and inboxes forget their oldest entries when
    /// it runs out; other calls are refused with 507.
    #[arg(long, env = "TILEDESK_MOCK_MEMORY", default_value = "512MB", value_parser = parse_bytes, value_name = "SIZE")]
    pub memory: usize,

    /// Maximum time in which a client has to send the head of a request, as in `30s`.
    #[arg(long, env = "TILEDESK_MOCK_HEADER_TIMEOUT", default_value = "30s", value_parser = parse_duration, value_name = "TIME")]
    pub header_timeout: Duration,

    /// Maximum time without another byte of a request body, as in `30s`; then the call is refused with 408.
    #[arg(long, env = "TILEDESK_MOCK_BODY_TIMEOUT", default_value = "30s", value_parser = parse_duration, value_name = "TIME")]
    pub body_timeout: Duration,

    /// Calls are only answered: not remembered, counted, limited, checked or made to fail. The benches compare with it.
    #[doc(hidden)]
    #[arg(long, hide = true, conflicts_with_all = ["self_check", "rate_limit"])]
    pub unobserved: bool,

    /// How long a sandbox that nobody uses is kept, as in `90s` or `2h`. The default one is always kept.
    #[arg(long, env = "TILEDESK_MOCK_SANDBOX_TTL", default_value = "24h", value_parser = parse_duration, value_name = "TIME")]
    pub sandbox_ttl: Duration,

    /// Keep the documents of the default sandbox in this file: it is read at the start, if it is there, and written when the
    /// server is stopped or is asked to (`POST /_control/state/save`).
    #[arg(long, env = "TILEDESK_MOCK_STATE", value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// Switch the control API off.
    #[arg(long, env = "TILEDESK_MOCK_NO_CONTROL", conflicts_with = "control_token")]
    pub no_control: bool,

    /// Let only those call the control API who say this token (`Authorization: Bearer TOKEN`), pages of other origins
    /// included, which may not call it otherwise.
    #[arg(long, env = "TILEDESK_MOCK_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub control_token: Option<String>,

    /// Refuse calls that name no sandbox.
    #[arg(long, env = "TILEDESK_MOCK_SANDBOX_REQUIRED")]
    pub sandbox_required: bool,

    /// Where webhooks may go: nowhere, to loopback and private addresses (not link-local ones), or to any.
    #[arg(long, env = "TILEDESK_MOCK_WEBHOOKS", default_value = "local", value_name = "off|local|any")]
    pub webhooks: WebhookTargets,

    /// Also trust webhook receivers whose certificates are in this PEM file, or signed by one of them.
    #[arg(long, env = "TILEDESK_MOCK_WEBHOOKS_CA", value_name = "FILE")]
    pub webhooks_ca: Option<PathBuf>,

    /// Accept any certificate from webhook receivers.
    #[arg(long, env = "TILEDESK_MOCK_WEBHOOKS_INSECURE", conflicts_with = "webhooks_ca")]
    pub webhooks_insecure: bool,

    /// Time between two pings of the realtime API. Tests do not wait as long as clients do.
    #[doc(hidden)]
    #[arg(skip = HEARTBEAT)]
    pub heartbeat: Duration,
}

impl Default for Config {
    /// The default world on a free port of the loopback address.
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 0,
            fixtures: None,
            world: None,
            empty: false,
            seed: 0,
            clock: ClockSetting::Real,
            strict: false,
            faithful_holes: false,
            self_check: false,
            safe_csv: false,
            rate_limit: None,
            require_tls: false,
            tls_self_signed: false,
            tls_cert: None,
            tls_key: None,
            journal: JOURNAL,
            state: None,
            no_control: false,
            control_token: None,
            unobserved: false,
            memory: memory::DEFAULT,
            header_timeout: TIMEOUT,
            body_timeout: TIMEOUT,
            sandbox_ttl: TTL,
            sandbox_required: false,
            webhooks: WebhookTargets::Local,
            webhooks_ca: None,
            webhooks_insecure: false,
            heartbeat: HEARTBEAT,
        }
    }
}
