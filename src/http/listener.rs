//! The server's connections: plain HTTP and TLS on the same port. Faults can reset each of them.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use dashmap::DashMap;
use poem::{
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};

/// Maximum time for a client's first byte and the TLS handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// Open connections by client address.
#[derive(Clone, Default)]
pub(crate) struct Connections(Arc<DashMap<SocketAddr, Weak<AtomicBool>>>);

impl Connections {
    /// Aborts a connection without sending another byte, like a crashed host.
    pub(super) fn reset(&self, peer: SocketAddr) {
        if let Some(broken) = self.0.get(&peer).and_then(|broken| broken.upgrade()) {
            broken.store(true, Ordering::Release);
        }
    }
}

/// Accepts connections.
pub(crate) struct Listener {
    listener: TcpListener,
    connections: Connections,
    tls: Option<TlsAcceptor>,
    /// Connections that have completed the handshake.
    ready: mpsc::Receiver<Accepted>,
    shaken: mpsc::Sender<Accepted>,
}

type Accepted = (Connection, LocalAddr, RemoteAddr, Scheme);

impl Listener {
    pub(crate) fn new(
        listener: std::net::TcpListener,
        connections: Connections,
        tls: Option<Arc<ServerConfig>>,
    ) -> io::Result<Self> {
        let (shaken, ready) = mpsc::channel(64);
        let listener = TcpListener::from_std(listener)?;
        Ok(Self { listener, connections, tls: tls.map(TlsAcceptor::from), ready, shaken })
    }

    /// Detects TLS by the client's first byte and completes the handshake, while other connections are accepted.
    fn shake(&self, mut connection: Connection, tls: TlsAcceptor, local: LocalAddr, remote: RemoteAddr) {
        let shaken = self.shaken.clone();
        tokio::spawn(async move {
            let hands = async {
                let Stream::Plain(stream) = &connection.stream else { return None };
                let mut first = [0];
                // Content type of a TLS handshake record.
                let scheme = if stream.peek(&mut first).await.ok()? == 1 && first[0] == 22 {
                    Scheme::HTTPS
                } else {
                    Scheme::HTTP
                };
                if scheme == Scheme::HTTPS {
                    let Stream::Plain(stream) = std::mem::replace(&mut connection.stream, Stream::Gone) else {
                        return None;
                    };
                    connection.stream = Stream::Secured(Box::new(tls.accept(stream).await.ok()?));
                }
                Some((connection, local, remote, scheme))
            };
            // Silent clients and failed handshakes are dropped.
            if let Ok(Some(accepted)) = tokio::time::timeout(PATIENCE, hands).await {
                let _ = shaken.send(accepted).await;
            }
        });
    }

    /// The next connection, after its handshake if it uses TLS.
    pub(super) async fn accept(&mut self) -> io::Result<Accepted> {
        loop {
            let (stream, peer) = tokio::select! {
                accepted = self.listener.accept() => accepted?,
                Some(ready) = self.ready.recv() => return Ok(ready),
            };
            // Responses are small: send them without waiting for more data.
            stream.set_nodelay(true)?;
            let local = LocalAddr(stream.local_addr()?.into());
            let broken = Arc::new(AtomicBool::new(false));
            self.connections.0.insert(peer, Arc::downgrade(&broken));
            let connections = self.connections.clone();
            let connection = Connection { stream: Stream::Plain(stream), broken, peer, connections };
            match self.tls.clone() {
                None => return Ok((connection, local, RemoteAddr(peer.into()), Scheme::HTTP)),
                Some(tls) => self.shake(connection, tls, local, RemoteAddr(peer.into())),
            }
        }
    }
}

pub(crate) struct Connection {
    stream: Stream,
    broken: Arc<AtomicBool>,
    peer: SocketAddr,
    connections: Connections,
}

enum Stream {
    Plain(TcpStream),
    Secured(Box<TlsStream<TcpStream>>),
    /// The handshake failed.
    Gone,
}

impl Connection {
    fn check(&self) -> io::Result<()> {
        if self.broken.load(Ordering::Acquire) {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "reset by a fault"));
        }
        Ok(())
    }

    /// Runs an action on either kind of stream.
    fn with<R>(
        mut self: Pin<&mut Self>,
        act: impl FnOnce(Pin<&mut dyn Both>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        match &mut self.stream {
            Stream::Plain(stream) => act(Pin::new(stream)),
            Stream::Secured(stream) => act(Pin::new(&mut **stream)),
            Stream::Gone => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

trait Both: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Both for S {}

impl Drop for Connection {
    fn drop(&mut self) {
        // A new connection from this address may have replaced the entry.
        self.connections.0.remove_if(&self.peer, |_, broken| broken.as_ptr() == Arc::as_ptr(&self.broken));
        if self.broken.load(Ordering::Acquire) {
            // With zero linger, closing sends RST instead of FIN. The peer may already be gone.
            let _ = match &self.stream {
                Stream::Plain(stream) => stream.set_zero_linger(),
                Stream::Secured(stream) => stream.get_ref().0.set_zero_linger(),
                Stream::Gone => Ok(()),
            };
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        self.with(|stream| stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        self.with(|stream| stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.check().is_err() {
            // No FIN: dropping the connection resets it.
            return Poll::Ready(Ok(()));
        }
        self.with(|stream| stream.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        self.with(|stream| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        matches!(self.stream, Stream::Plain(_))
    }
}
