//! The `health` command: whether a server responds, or why it does not.

use std::{io, time::Duration};

use bytes::Bytes;
use clap::Args;
use http::Request;
use tokio::runtime;
use url::Url;

use crate::outbound::{Excess, Failure, Outbound, Settings, Trust, causes};

/// Maximum response time of a healthy server.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Options of a health check.
#[derive(Args, Debug)]
pub struct Options {
    /// Base URL of the server.
    #[arg(long, env = "TILEDESK_MOCK_URL", default_value = "http://127.0.0.1:4010")]
    url: String,

    /// Accept any certificate, such as that of `--tls-self-signed`.
    #[arg(long, env = "TILEDESK_MOCK_INSECURE")]
    insecure: bool,
}

/// Why a check did not succeed.
#[derive(Debug)]
pub enum Error {
    /// The server is not healthy.
    Unhealthy(String),
    /// The options are wrong.
    Misused(String),
}

/// Checks a server.
pub fn check(options: &Options) -> Result<(), Error> {
    let given = &options.url;
    let expected =
        |found: &str| Error::Misused(format!("--url: expected http://HOST:PORT or https://HOST:PORT, {found}"));
    let mut url = Url::parse(given).map_err(|error| expected(&format!("got {given:?}: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(expected(&format!("got {given:?}")));
    }
    let path = format!("{}/healthz", url.path().trim_end_matches('/'));
    url.set_path(&path);
    let failed = |why: String| Error::Unhealthy(format!("{given}: {why}"));
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(format!("cannot start: {error}")))?;
    let trust = if options.insecure { Trust::Anybody } else { Trust::default() };
    let client = Outbound::new(Settings::new(trust)).map_err(failed)?;
    let request = Request::new(Bytes::new());
    match runtime.block_on(client.exchange(url, request, TIMEOUT, (0, Excess::Truncate))) {
        Ok(response) if response.status() == 200 => Ok(()),
        Ok(response) => Err(failed(format!("GET {path} returned {}", response.status()))),
        Err(error) => Err(failed(reason(&error))),
    }
}

/// A brief reason for a failed request.
fn reason(failure: &Failure) -> String {
    if failure.is_timeout() {
        return format!("no response within {} seconds", TIMEOUT.as_secs());
    }
    let root = failure.root().to_string();
    let kind = causes(failure).filter_map(|cause| cause.downcast_ref::<io::Error>()).last().map(io::Error::kind);
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused: no server is listening".to_owned(),
        _ if root.contains("certificate") => format!("{root}; --insecure accepts any certificate"),
        _ if root.contains("corrupt message") => "the server does not speak TLS".to_owned(),
        _ if root.contains("invalid HTTP") => "the response is not HTTP".to_owned(),
        _ => root,
    }
}
