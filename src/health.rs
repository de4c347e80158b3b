//! The `health` command, which checks whether a server responds and is the expected one.

use std::{io, time::Duration};

use bytes::Bytes;
use clap::{Args, builder::NonEmptyStringValueParser};
use http::{Request, Response, StatusCode};
use tokio::runtime;
use url::Url;

use crate::outbound::{Excess, Failure, Outbound, Settings, Trust, causes};

/// Maximum response time of a healthy server.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum size of the response of a health check.
const LARGEST: usize = 64 * 1024;

/// Options of a health check.
#[derive(Args, Debug)]
pub struct Options {
    /// Base URL of the server.
    #[arg(long, env = "TILEDESK_MOCK_URL", default_value = "http://127.0.0.1:4010")]
    url: String,

    /// Expect the server with this ID, which it prints at startup (default: any server).
    #[arg(long, env = "TILEDESK_MOCK_INSTANCE", value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    instance: Option<String>,

    /// Accept any certificate, such as that of `--tls-self-signed`.
    #[arg(long, env = "TILEDESK_MOCK_INSECURE")]
    insecure: bool,
}

/// The reason that a check failed.
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
    url.set_query(options.instance.as_ref().map(|_| "instance"));
    let failed = |why: String| Error::Unhealthy(format!("{given}: {why}"));
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(format!("cannot start: {error}")))?;
    let trust = if options.insecure { Trust::Anybody } else { Trust::default() };
    let client = Outbound::new(Settings::new(trust)).map_err(failed)?;
    let call = client.exchange(url, Request::new(Bytes::new()), TIMEOUT, (LARGEST, Excess::Truncate));
    match runtime.block_on(call).map(Response::into_parts) {
        Ok((parts, body)) if parts.status == StatusCode::OK => {
            options.instance.as_ref().map_or(Ok(()), |id| recognize(id, &body).map_err(failed))
        }
        Ok((parts, _)) => Err(failed(format!("GET {path} returned {}", parts.status))),
        Err(error) => Err(failed(reason(&error))),
    }
}

/// Fails if a health check's response is from an unexpected server.
fn recognize(expected: &str, body: &[u8]) -> Result<(), String> {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    match body["instance"].as_str() {
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(format!("another server is listening: expected instance {expected}, found {found}")),
        None => Err(format!("another server is listening: expected instance {expected}, found a server without an ID")),
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
