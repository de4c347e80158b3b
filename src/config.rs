//! Every option once: the flag, the environment variable and the field of the library are the same.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use clap::Args;

pub use crate::{webhook::WebhookTargets, world::clock::ClockSetting};

/// As the reference server pings.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How a server is set up.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address to listen on. Anything but a loopback address lets other machines in.
    #[arg(long, env = "TILEDESK_MOCK_HOST", default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// Port to listen on; 0 takes a free one.
    #[arg(long, env = "TILEDESK_MOCK_PORT", default_value_t = 4010)]
    pub port: u16,

    /// World to serve: a JSON file, or a folder whose *.json files are read together.
    #[arg(long, env = "TILEDESK_MOCK_FIXTURES", value_name = "FILE|DIR", conflicts_with = "empty")]
    pub fixtures: Option<PathBuf>,

    /// Start without any documents.
    #[arg(long, env = "TILEDESK_MOCK_EMPTY")]
    pub empty: bool,

    /// Number from which ids and everything else that looks random is made.
    #[arg(long, env = "TILEDESK_MOCK_SEED", default_value_t = 0, value_name = "N")]
    pub seed: u64,

    /// Time of the fake: the machine's, or an ISO 8601 date at which it stands still.
    #[arg(long, env = "TILEDESK_MOCK_CLOCK", default_value = "real", value_name = "TIME|real")]
    pub clock: ClockSetting,

    /// Where webhooks may go: nowhere, to loopback and private addresses, or to any.
    #[arg(long, env = "TILEDESK_MOCK_WEBHOOKS", default_value = "local", value_name = "off|local|any")]
    pub webhooks: WebhookTargets,

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
            empty: false,
            seed: 0,
            clock: ClockSetting::Real,
            webhooks: WebhookTargets::Local,
            heartbeat: HEARTBEAT,
        }
    }
}
