//! The route to a server: direct, or through a proxy of the environment.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Uri, header::PROXY_AUTHORIZATION};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::{
    client::{
        legacy::connect::{Connected, Connection, HttpConnector, proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use tokio::net::TcpStream;
use tower_service::Service;

use super::{BoxError, Resolver};

/// The proxies of `HTTP_PROXY`, `HTTPS_PROXY`, and `ALL_PROXY`, and the exceptions of `NO_PROXY`.
#[derive(Clone)]
pub(super) struct Proxies(Arc<Matcher>);

impl Proxies {
    pub(super) fn of_environment() -> Self {
        Self(Arc::new(Matcher::from_env()))
    }

    /// Adds the credentials of the proxy to a request that the proxy itself reads.
    pub(super) fn authorize<B>(&self, request: &mut Request<B>) {
        let proxy = self.0.intercept(request.uri()).filter(|_| request.uri().scheme_str() == Some("http"));
        if let Some(credentials) = proxy.as_ref().and_then(|proxy| proxy.basic_auth()) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, credentials.clone());
        }
    }
}

/// Connects to servers.
#[derive(Clone)]
pub(super) struct Route {
    tcp: HttpConnector<Resolver>,
    proxies: Option<Proxies>,
}

impl Route {
    pub(super) fn new(tcp: HttpConnector<Resolver>, proxies: Option<Proxies>) -> Self {
        Self { tcp, proxies }
    }
}

impl Service<Uri> for Route {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let mut tcp = self.tcp.clone();
        let proxy = self.proxies.as_ref().and_then(|Proxies(proxies)| proxies.intercept(&server));
        Box::pin(async move {
            let Some(proxy) = proxy else {
                return Ok(Stream { tcp: tcp.call(server).await?, is_proxied: false });
            };
            if proxy.uri().scheme_str() != Some("http") {
                return Err(format!("{}: only proxies over HTTP are supported", proxy.uri()).into());
            }
            if server.scheme_str() == Some("http") {
                return Ok(Stream { tcp: tcp.call(proxy.uri().clone()).await?, is_proxied: true });
            }
            let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp);
            if let Some(credentials) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(credentials.clone());
            }
            Ok(Stream { tcp: tunnel.call(server).await?, is_proxied: false })
        })
    }
}

/// A connection to a server, or to a proxy that is sent whole URLs.
pub(super) struct Stream {
    tcp: TokioIo<TcpStream>,
    is_proxied: bool,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.tcp.connected().proxy(self.is_proxied)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(context, buffers)
    }
}
