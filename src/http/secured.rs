//! TLS on accepted connections. Without the feature `tls`, there is none.

#[cfg(not(feature = "tls"))]
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

#[cfg(not(feature = "tls"))]
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Settings of a server with TLS.
#[cfg(feature = "tls")]
pub(crate) type ServerTls = std::sync::Arc<tokio_rustls::rustls::ServerConfig>;

/// Performs handshakes.
#[cfg(feature = "tls")]
pub(super) type Acceptor = tokio_rustls::TlsAcceptor;

/// A connection after its handshake.
#[cfg(feature = "tls")]
pub(super) type Secured = tokio_rustls::server::TlsStream<tokio::net::TcpStream>;

#[cfg(not(feature = "tls"))]
pub(crate) enum ServerTls {}

#[cfg(not(feature = "tls"))]
#[derive(Clone)]
pub(super) enum Acceptor {}

#[cfg(not(feature = "tls"))]
pub(super) enum Secured {}

#[cfg(not(feature = "tls"))]
impl From<ServerTls> for Acceptor {
    fn from(settings: ServerTls) -> Self {
        match settings {}
    }
}

#[cfg(not(feature = "tls"))]
impl Acceptor {
    pub(super) async fn accept(&self, _: TcpStream) -> io::Result<Secured> {
        match *self {}
    }
}

#[cfg(not(feature = "tls"))]
impl Secured {
    pub(super) fn get_ref(&self) -> (&TcpStream, ()) {
        match *self {}
    }
}

#[cfg(not(feature = "tls"))]
impl AsyncRead for Secured {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}

#[cfg(not(feature = "tls"))]
impl AsyncWrite for Secured {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match *self {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}
