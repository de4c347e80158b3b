//! The `health` command: whether a server responds, and is the expected one, or why not.

use std::{error::Error, io, time::Duration};

use clap::{Args, builder::NonEmptyStringValueParser};
use reqwest::{StatusCode, redirect::Policy};
use tokio::runtime;
use url::Url;

use crate::Failure;

/// Maximum response time of a healthy server.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Args)]
pub(crate) struct Health {
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

pub(crate) fn check(options: &Health) -> Result<(), Failure> {
    let given = &options.url;
    let expected =
        |found: &str| Failure::Misused(format!("--url: expected http://HOST:PORT or https://HOST:PORT, {found}"));
    let mut url = Url::parse(given).map_err(|error| expected(&format!("got {given:?}: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(expected(&format!("got {given:?}")));
    }
    let path = format!("{}/healthz", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url.set_query(options.instance.as_ref().map(|_| "instance"));
    let failed = |why: String| Failure::Failed(format!("{given}: {why}"));
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(format!("cannot start: {error}")))?;
    let client = reqwest::Client::builder()
        .danger_accept_invalid_certs(options.insecure)
        .no_proxy()
        .redirect(Policy::none())
        .timeout(TIMEOUT)
        .build();
    let client = client.map_err(|error| failed(error.to_string()))?;
    let called = runtime.block_on(async {
        let response = client.get(url).send().await?;
        Ok::<_, reqwest::Error>((response.status(), response.text().await?))
    });
    match called {
        Ok((StatusCode::OK, body)) => {
            options.instance.as_ref().map_or(Ok(()), |id| recognize(id, &body).map_err(failed))
        }
        Ok((status, _)) => Err(failed(format!("GET {path} returned {status}"))),
        Err(error) => Err(failed(reason(&error))),
    }
}

/// Fails if a health check's response comes from another server than the expected one.
fn recognize(expected: &str, body: &str) -> Result<(), String> {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    match body["instance"].as_str() {
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(format!("another server is listening: expected instance {expected}, found {found}")),
        None => Err(format!("another server is listening: expected instance {expected}, found a server without an ID")),
    }
}

/// A brief reason for a failed request.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no response within {} seconds", TIMEOUT.as_secs());
    }
    let causes: Vec<_> = std::iter::successors(error.source(), |&cause| cause.source()).collect();
    let root = causes.last().map_or_else(|| error.to_string(), ToString::to_string);
    let kind = causes.iter().rev().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused: no server is listening".to_owned(),
        _ if root.contains("certificate") => format!("{root}; --insecure accepts any certificate"),
        _ if root.contains("corrupt message") => "the server does not speak TLS".to_owned(),
        _ if root.contains("invalid HTTP") => "the response is not HTTP".to_owned(),
        _ => root,
    }
}
