//! An HTTPS client for tests. It connects to this machine regardless of the host in the URL.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    iter::{Once, once},
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tower_service::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Maximum duration of a call.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Which certificates a client accepts.
#[derive(Clone)]
pub(crate) enum Accepted {
    Any,
    /// This one only, or none.
    Only(Option<CertificateDer<'static>>),
}

/// A client for HTTP/1.1 and HTTP/2.
#[derive(Clone)]
pub(crate) struct HttpsClient(Client<HttpsConnector<HttpConnector<ThisMachine>>, Full<Bytes>>);

/// A call that has not been sent yet.
#[derive(Clone)]
pub(crate) struct Call {
    client: HttpsClient,
    request: Request<Full<Bytes>>,
}

impl HttpsClient {
    /// A client that accepts any certificate.
    pub(crate) fn new() -> Self {
        Self::with(Accepted::Any, true)
    }

    /// A client that offers HTTP/2 only if `http2` is set.
    pub(crate) fn with(accepted: Accepted, http2: bool) -> Self {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().expect("the provider has all versions");
        let tls = match accepted {
            Accepted::Any => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(Anything)).with_no_client_auth()
            }
            Accepted::Only(certificate) => {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(certificate);
                builder.with_root_certificates(roots).with_no_client_auth()
            }
        };
        let mut tcp = HttpConnector::new_with_resolver(ThisMachine);
        tcp.enforce_http(false);
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        let connector = if http2 {
            connector.enable_http1().enable_http2().wrap_connector(tcp)
        } else {
            connector.enable_http1().wrap_connector(tcp)
        };
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    pub(crate) fn call(&self, method: Method, url: &str) -> Call {
        let request = Request::builder().method(method).uri(url).body(Full::default()).expect("a valid URL");
        Call { client: self.clone(), request }
    }

    pub(crate) fn get(&self, url: &str) -> Call {
        self.call(Method::GET, url)
    }
}

impl Call {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a valid value");
        self.request.headers_mut().insert(HeaderName::from_static(name), value);
        self
    }

    pub(crate) fn basic_auth(self, user: &str, password: &str) -> Self {
        let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
        self.header(header::AUTHORIZATION.as_str(), &format!("Basic {credentials}"))
    }

    /// Adds a JSON body.
    pub(crate) fn json(self, body: impl Into<Bytes>) -> Self {
        let mut call = self.header("content-type", "application/json");
        *call.request.body_mut() = Full::new(body.into());
        call
    }

    pub(crate) async fn send(self) -> Result<Response<Bytes>, BoxError> {
        let exchange = async {
            let (parts, body) = self.client.0.request(self.request).await?.into_parts();
            Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
        };
        tokio::time::timeout(TIMEOUT, exchange).await?
    }
}

/// Resolves every name to this machine.
#[derive(Clone)]
struct ThisMachine;

impl Service<Name> for ThisMachine {
    type Response = Once<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Once<SocketAddr>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(once(([127, 0, 0, 1], 0).into())))
    }
}

#[derive(Debug)]
struct Anything;

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
