//! The composition root: puts a world behind an endpoint, and the endpoint behind a socket.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use bytes::Bytes;
use poem::{EndpointExt, Response, Server, endpoint::BoxEndpoint, listener::TcpAcceptor};
use tokio::sync::{mpsc, oneshot};

use crate::{
    config::Config,
    control, http, openapi,
    realtime::{Door, Realtime},
    resource,
    webhook::Webhooks,
    world::{
        Tables, World,
        event::{Signal, Signals},
        fixture,
        fixture::FixtureError,
    },
};

/// How long calls under way may take when the server is stopped.
const GRACE: Duration = Duration::from_secs(5);

/// A running fake of the API. Dropping it stops it.
pub struct Fake {
    address: SocketAddr,
    endpoint: Arc<BoxEndpoint<'static, Response>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// Why a fake could not be started.
#[derive(Debug)]
pub enum StartError {
    /// A fixture cannot be used.
    Fixture(FixtureError),
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// The machine gave no thread or timer.
    Runtime(io::Error),
}

impl Fake {
    /// Starts a fake on a thread and a runtime of its own, so that it works under any.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let (signals, mut signalled) = mpsc::unbounded_channel();
        let end = signals.clone();
        let world = Arc::new(world(config, signals).map_err(StartError::Fixture)?);
        let targets = config.webhooks;
        let realtime = Realtime::new(config.heartbeat);
        let site = http::Site { realtime: Some(Door(realtime.clone()).boxed()), ..site(world) };
        let endpoint: Arc<BoxEndpoint<'static, Response>> = Arc::new(http::endpoint(site).boxed());
        let wanted = SocketAddr::new(config.host, config.port);
        let listener = TcpListener::bind(wanted).map_err(|error| StartError::Listen(wanted, error))?;
        let address = listener.local_addr().map_err(|error| StartError::Listen(wanted, error))?;
        listener.set_nonblocking(true).map_err(StartError::Runtime)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::Runtime)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let served = endpoint.clone();
        let serve = move || {
            let outcome = runtime.block_on(async {
                let acceptor = TcpAcceptor::from_std(listener)?;
                let stopped = async {
                    // Both a message and a dropped sender mean to stop.
                    let _ = stopped.await;
                };
                let webhooks = Webhooks::new(targets);
                let (listening, telling) = (webhooks.clone(), realtime.clone());
                let deliverer = tokio::spawn(async move {
                    while let Some(signal) = signalled.recv().await {
                        match &signal {
                            Signal::Commit(commit) => telling.take(commit),
                            Signal::Redeliver { .. } => {}
                            Signal::End => return,
                        }
                        listening.take(signal);
                    }
                });
                let serving =
                    Server::new_with_acceptor(acceptor).run_with_graceful_shutdown(served, stopped, Some(GRACE));
                let outcome = serving.await;
                // What was committed until now is still taken, and then delivered.
                if end.send(Signal::End).is_ok() && deliverer.await.is_ok() {
                    tokio::join!(realtime.close(), webhooks.finish(GRACE));
                }
                outcome
            });
            // A name that is being looked up is not waited for.
            runtime.shutdown_background();
            outcome
        };
        let thread =
            std::thread::Builder::new().name("tiledesk-mock".into()).spawn(serve).map_err(StartError::Runtime)?;
        Ok(Self { address, endpoint, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, without a version prefix and without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers a call in process, without a socket.
    pub async fn call(&self, request: ::http::Request<Bytes>) -> ::http::Response<Bytes> {
        http::call(&self.endpoint, request).await
    }

    /// Stops accepting, finishes what is under way, and answers when all is done.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => Err(io::Error::other("the server's thread panicked")),
            None => Ok(()),
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "the server did not stop well");
        }
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").field("address", &self.address).finish_non_exhaustive()
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixture(error) => error.fmt(f),
            Self::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
            Self::Runtime(error) => write!(f, "cannot start: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

fn world(config: &Config, signals: Signals) -> Result<World, FixtureError> {
    let tables = match &config.fixtures {
        Some(path) => fixture::load(path)?,
        None if config.empty => Tables::default(),
        None => fixture::parse("seed.json", fixture::DEFAULT)?,
    };
    Ok(World::new(tables, config.seed, config.clock, Some(signals)))
}

/// Everything that a server answers, over a world.
pub(crate) fn site(world: Arc<World>) -> http::Site {
    http::Site {
        world,
        api: http::Router::new(resource::operations(), resource::UNBUILT),
        first_version: http::Router::new(resource::first_version(), &[]),
        control: http::Router::new(control::operations(), &[]),
        realtime: None,
        document: |format| Box::pin(openapi::served(format)),
    }
}
