//! Outgoing requests: the HTTP client of webhooks, proxies, verification, and health checks. It follows no redirects.

#[cfg(feature = "tls")]
mod closing;
mod failure;
mod resolver;
#[cfg(feature = "cli")]
mod route;
#[cfg(feature = "tls")]
mod trust;
#[cfg(not(feature = "tls"))]
mod untrusting;

use std::{io, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;
use url::Url;

use self::failure::TimedOut;
#[cfg(feature = "tls")]
pub(crate) use self::trust::Trust;
#[cfg(not(feature = "tls"))]
pub(crate) use self::untrusting::Trust;
pub(crate) use self::{
    failure::{Failure, causes, is_timed_out},
    resolver::{Egress, Resolver},
};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a request.
pub(crate) type Body = BoxBody<Bytes, io::Error>;

#[cfg(feature = "cli")]
type Tcp = route::Route;
#[cfg(not(feature = "cli"))]
type Tcp = HttpConnector<Resolver>;

#[cfg(feature = "tls")]
type Connector = closing::Closing;
#[cfg(not(feature = "tls"))]
type Connector = Tcp;

/// What to do with a response that is larger than the limit.
#[derive(Clone, Copy)]
pub(crate) enum Excess {
    /// Drop the rest.
    Truncate,
    /// Fail.
    #[cfg(feature = "cli")]
    Refuse,
}

/// Settings of a client.
pub(crate) struct Settings {
    /// Accepted certificates.
    pub(crate) trust: Trust,
    /// Addresses to connect to.
    pub(crate) egress: Egress,
    /// Whether to use the proxies of the environment, such as `HTTPS_PROXY`.
    #[cfg(feature = "cli")]
    pub(crate) proxies: bool,
    /// Whether the client derives the `Host` header from the URL.
    pub(crate) sets_host: bool,
    /// How long unused connections stay open.
    pub(crate) idle: Duration,
    /// Maximum time to connect.
    pub(crate) connect: Option<Duration>,
}

impl Settings {
    /// Any address, no proxy, and connections that stay open for 90 seconds.
    pub(crate) fn new(trust: Trust) -> Self {
        Self {
            trust,
            egress: Egress::default(),
            #[cfg(feature = "cli")]
            proxies: false,
            sets_host: true,
            idle: Duration::from_secs(90),
            connect: None,
        }
    }
}

/// An HTTP client.
pub(crate) struct Outbound {
    client: Client<Connector, Body>,
    #[cfg(feature = "cli")]
    proxies: Option<route::Proxies>,
}

impl Outbound {
    pub(crate) fn new(settings: Settings) -> Result<Self, String> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(settings.egress));
        tcp.enforce_http(!cfg!(feature = "tls"));
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(settings.connect);
        #[cfg(feature = "cli")]
        let proxies = settings.proxies.then(route::Proxies::of_environment);
        #[cfg(feature = "cli")]
        let tcp = route::Route::new(tcp, proxies.clone());
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.idle)
            .set_host(settings.sets_host)
            .build(settings.trust.connector(tcp)?);
        Ok(Self {
            client,
            #[cfg(feature = "cli")]
            proxies,
        })
    }

    /// Sends a request unchanged. The URI must be absolute.
    pub(crate) async fn send(
        &self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, hyper_util::client::legacy::Error> {
        self.client.request(request).await
    }

    /// Sends a request to `url` and reads up to `limit` bytes of the response, within a time limit. Credentials in the
    /// URL become an `Authorization` header.
    pub(crate) async fn exchange(
        &self,
        mut url: Url,
        request: Request<Bytes>,
        time: Duration,
        (limit, excess): (usize, Excess),
    ) -> Result<Response<Bytes>, Failure> {
        let mut request = request.map(|body| Full::new(body).map_err(|never| match never {}).boxed());
        if let Some(credentials) = take_credentials(&mut url) {
            request.headers_mut().insert(header::AUTHORIZATION, credentials);
        }
        request.headers_mut().entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failure::url(&url, "URL scheme is not allowed"));
        }
        if !cfg!(feature = "tls") && url.scheme() == "https" {
            return Err(Failure::url(&url, "https requires the feature `tls`"));
        }
        *request.uri_mut() = match url.as_str().parse() {
            Ok(uri) => uri,
            Err(_) => return Err(Failure::url(&url, "Parsed Url is not a valid Uri")),
        };
        #[cfg(feature = "cli")]
        if let Some(proxies) = &self.proxies {
            proxies.authorize(&mut request);
        }
        let mut responded = false;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| Failure::send(&url, error))?;
            responded = true;
            let (parts, mut body) = response.into_parts();
            let mut arrived = BytesMut::new();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(Failure::body)?;
                let Ok(data) = frame.into_data() else { continue };
                match excess {
                    #[cfg(feature = "cli")]
                    Excess::Refuse if data.len() > limit - arrived.len() => return Err(Failure::too_large(limit)),
                    _ => arrived.extend_from_slice(&data[..data.len().min(limit - arrived.len())]),
                }
                if matches!(excess, Excess::Truncate) && arrived.len() == limit {
                    break;
                }
            }
            Ok(Response::from_parts(parts, arrived.freeze()))
        };
        match timeout(time, exchange).await {
            Ok(result) => result,
            Err(_) if responded => Err(Failure::body(TimedOut)),
            Err(_) => Err(Failure::send(&url, TimedOut)),
        }
    }
}

/// Removes the credentials of a URL, and returns them as a value of the `Authorization` header.
fn take_credentials(url: &mut Url) -> Option<HeaderValue> {
    use base64::{Engine, prelude::BASE64_STANDARD};

    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(String::from);
    let (name, password) = (decoded(url.username())?, url.password().and_then(decoded).unwrap_or_default());
    // A URL with credentials has a host, so neither fails.
    let _ = (url.set_username(""), url.set_password(None));
    let mut value =
        HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))).ok()?;
    value.set_sensitive(true);
    Some(value)
}
