//! The connections to the upstream, and what is responded when it cannot be reached.

use std::{error::Error, io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, uri::PathAndQuery};
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;

use super::{header::unsupported_coding, sent::Progress, settings::UpstreamUrl};
use crate::{http::Problem, webhook::Trust};

/// Less than servers usually keep idle connections, so that calls are not sent on a connection that is being closed.
const IDLE: Duration = Duration::from_secs(4);

/// Maximum time to connect.
const CONNECT: Duration = Duration::from_secs(10);

/// The body of a forwarded request.
pub(super) type OutgoingBody = BoxBody<Bytes, io::Error>;

/// The client of an upstream.
pub(crate) struct UpstreamClient {
    client: Client<HttpsConnector<HttpConnector>, OutgoingBody>,
    url: UpstreamUrl,
    pub(super) host: HeaderValue,
    pub(super) timeout: Duration,
}

impl UpstreamClient {
    pub(crate) fn new(url: UpstreamUrl, trust: Trust, timeout: Duration) -> Result<Self, String> {
        let mut tls = trust.client()?;
        // The connector sets it itself.
        tls.alpn_protocols.clear();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT.min(timeout)));
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .set_host(false)
            .build(connector.wrap_connector(tcp));
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
        request: Request<OutgoingBody>,
        progress: Option<&Arc<Progress>>,
    ) -> Result<Response<Incoming>, Problem> {
        let mut sending = std::pin::pin!(self.client.request(request));
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

    /// A response, unless its body cannot be passed on.
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
        if is_timeout(error) {
            return Problem::of(504, &format!("The connection to the upstream {url} timed out."));
        }
        if error.is_connect() {
            return Problem::of(502, &format!("Cannot connect to the upstream {url}: {whole}."));
        }
        Problem::of(502, &format!("The upstream {url} sent no valid response: {whole}."))
    }
}

/// The messages of an error and its sources, innermost last, without repetitions.
fn chain(error: &dyn Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        if !parts.iter().any(|known| known.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        next = error.source();
    }
    false
}
