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
    time::{Sleep, sleep},
};

use super::secured::{Acceptor, Secured, ServerTls};

/// Maximum time for a client's first byte and the TLS handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long clients may take to send a request.
#[derive(Clone, Copy)]
pub(crate) struct Timeouts {
    /// Maximum time for the entire request head.
    pub(crate) header: Duration,
    /// Maximum time without another byte of the body.
    pub(crate) body: Duration,
}

/// Open connections by client address.
#[derive(Clone, Default)]
pub(crate) struct Connections(Arc<DashMap<SocketAddr, Weak<AtomicBool>>>);

impl Connections {
    /// Aborts a connection without sending another byte, like a crashed host.
    pub(crate) fn reset(&self, peer: SocketAddr) {
        if let Some(broken) = self.0.get(&peer).and_then(|broken| broken.upgrade()) {
            broken.store(true, Ordering::Release);
        }
    }
}

/// Accepts connections.
pub(crate) struct Listener {
    listener: TcpListener,
    connections: Connections,
    tls: Option<Acceptor>,
    timeouts: Timeouts,
    /// Connections that have completed the handshake.
    ready: mpsc::Receiver<Accepted>,
    shaken: mpsc::Sender<Accepted>,
}

type Accepted = (Connection, LocalAddr, RemoteAddr, Scheme);

impl Listener {
    pub(crate) fn new(
        listener: std::net::TcpListener,
        connections: Connections,
        tls: Option<ServerTls>,
        timeouts: Timeouts,
    ) -> io::Result<Self> {
        let (shaken, ready) = mpsc::channel(64);
        let listener = TcpListener::from_std(listener)?;
        Ok(Self { listener, connections, tls: tls.map(Acceptor::from), timeouts, ready, shaken })
    }

    /// Detects TLS by the client's first byte and completes the handshake, while other connections are accepted.
    fn shake(&self, mut connection: Connection, tls: Acceptor, local: LocalAddr, remote: RemoteAddr) {
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
            let connection = Connection {
                stream: Stream::Plain(stream),
                broken,
                peer,
                connections,
                requested: Arc::new(AtomicBool::new(false)),
                deadline: Some(Box::pin(sleep(self.timeouts.header))),
                patience: self.timeouts.body,
                stall: None,
            };
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
    /// Whether a request has arrived on it.
    requested: Arc<AtomicBool>,
    /// Ends the connection if no request has arrived by then, even if HTTP/2 would keep it open.
    deadline: Option<Pin<Box<Sleep>>>,
    /// Maximum time without progress while sending.
    patience: Duration,
    /// Runs while the client accepts no more bytes.
    stall: Option<Pin<Box<Sleep>>>,
}

enum Stream {
    Plain(TcpStream),
    Secured(Box<Secured>),
    /// The handshake failed.
    Gone,
}

impl Connection {
    /// The flag to set once a request has arrived.
    pub(super) fn requested(&self) -> Arc<AtomicBool> {
        self.requested.clone()
    }

    /// Fails if the client has not sent a request in time.
    fn expire(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.deadline.is_some() && self.requested.load(Ordering::Acquire) {
            self.deadline = None;
        }
        let is_over = self.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(cx).is_ready());
        if is_over { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    /// Fails if the client has accepted no bytes for too long.
    fn progress<R>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let patience = self.patience;
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(patience)));
        stall.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn check(&self) -> io::Result<()> {
        if self.broken.load(Ordering::Acquire) {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "reset by a fault"));
        }
        Ok(())
    }

    /// Runs an action on either kind of stream.
    fn with<R>(
        self: &mut Pin<&mut Self>,
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
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        let read = self.with(|stream| stream.poll_read(cx, buf));
        if read.is_pending() {
            self.expire(cx)?;
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        let written = self.with(|stream| stream.poll_write(cx, buf));
        self.progress(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.with(|stream| stream.poll_flush(cx));
        self.progress(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.check().is_err() {
            // No FIN: dropping the connection resets it.
            return Poll::Ready(Ok(()));
        }
        self.with(|stream| stream.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        let written = self.with(|stream| stream.poll_write_vectored(cx, bufs));
        self.progress(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        matches!(self.stream, Stream::Plain(_))
    }
}
