//! The connections to the upstream, and the responses when it is unreachable.

use std::{error::Error, sync::Arc, time::Duration};

use http::{HeaderValue, Request, Response, Uri, uri::PathAndQuery};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::{header::unsupported_coding, sent::Progress, settings::UpstreamUrl};
use crate::{
    http::Problem,
    outbound::{Body, Outbound, Settings, Trust, causes, is_timed_out},
};

/// Maximum idle time of a connection: less than servers usually allow, so that no call is sent on a closing connection.
const IDLE: Duration = Duration::from_secs(4);

/// Maximum time to connect.
const CONNECT: Duration = Duration::from_secs(10);

/// The client of an upstream.
pub(crate) struct UpstreamClient {
    client: Outbound,
    url: UpstreamUrl,
    pub(super) host: HeaderValue,
    pub(super) timeout: Duration,
}

impl UpstreamClient {
    pub(crate) fn new(url: UpstreamUrl, trust: Trust, timeout: Duration) -> Result<Self, String> {
        let client = Outbound::new(Settings {
            // The header is that of the forwarded request.
            sets_host: false,
            idle: IDLE,
            connect: Some(CONNECT.min(timeout)),
            ..Settings::new(trust)
        })?;
        let host = HeaderValue::from_str(url.authority.as_str()).map_err(|error| error.to_string())?;
        Ok(Self { client, url, host, timeout })
    }

    /// The URL of a path and query at the upstream.
    pub(super) fn uri(&self, target: &str) -> Option<Uri> {
        let target: PathAndQuery = match &*self.url.path {
            "" => target.parse().ok()?,
            path => format!("{path}{target}").parse().ok()?,
        };
        let builder = Uri::builder().scheme(self.url.scheme.clone()).authority(self.url.authority.clone());
        builder.path_and_query(target).build().ok()
    }

    /// Sends a request. The time limit applies to the response; an upload may take as long as it makes progress.
    pub(super) async fn send(
        &self,
        request: Request<Body>,
        progress: Option<&Arc<Progress>>,
    ) -> Result<Response<Incoming>, Problem> {
        let mut sending = std::pin::pin!(self.client.send(request));
        let mut sent = 0;
        loop {
            match timeout(self.timeout, sending.as_mut()).await {
                Ok(Ok(response)) => return self.readable(response),
                Ok(Err(error)) => return Err(self.problem(&error, progress)),
                Err(_) => match progress.map(|progress| progress.bytes()) {
                    Some(bytes) if bytes > sent => sent = bytes,
                    _ => {
                        let title = format!("The upstream {} did not respond within {:?}.", self.url, self.timeout);
                        return Err(Problem::of(504, &title));
                    }
                },
            }
        }
    }

    /// A response, unless its body cannot be forwarded.
    fn readable(&self, response: Response<Incoming>) -> Result<Response<Incoming>, Problem> {
        let Some(coding) = unsupported_coding(response.headers()) else { return Ok(response) };
        let title = format!("The upstream {} used the transfer coding {coding:?} without being asked.", self.url);
        Err(Problem::of(502, &title))
    }

    /// Why a request has no response.
    fn problem(&self, error: &hyper_util::client::legacy::Error, progress: Option<&Arc<Progress>>) -> Problem {
        let url = &self.url;
        let whole = chain(error);
        if let Some(overdue) = progress.and_then(|progress| progress.failure()) {
            return if overdue {
                Problem::of(408, "The body did not arrive within the time limit; see --body-timeout.")
            } else {
                Problem::of(400, "The body of the request ended with an error.")
            };
        }
        if is_timed_out(error) {
            return Problem::of(504, &format!("The connection to the upstream {url} timed out."));
        }
        if error.is_connect() {
            return Problem::of(502, &format!("Cannot connect to the upstream {url}: {whole}."));
        }
        Problem::of(502, &format!("The upstream {url} sent no valid response: {whole}."))
    }
}

/// The messages of an error and its sources, innermost last, without repetitions.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for text in causes(error).skip(1).map(ToString::to_string) {
        if !parts.iter().any(|known| known.contains(&text)) {
            parts.push(text);
        }
    }
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}
