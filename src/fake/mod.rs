//! The composition root: a world behind an endpoint behind a socket.

mod builder;
mod client;
mod coverage;
mod error;
mod expectation;
mod fault;
mod load;
mod reload;
mod sandbox;
mod serving;

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use ::http::HeaderValue;
use bytes::Bytes;
use poem::{EndpointExt, Response, endpoint::BoxEndpoint};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

pub(crate) use self::load::documents;
pub use self::{
    builder::FakeBuilder,
    client::Client,
    coverage::Coverage,
    error::Error,
    expectation::{Expectation, Times, Unmet},
    fault::Fault,
    sandbox::{Delivery, DeliveryState, InboxCall, RecordedCall, Sandbox},
};
use crate::{
    app,
    config::Config,
    http::{self, Connections},
    openapi,
    realtime::{Realtime, upgrade::Upgrade},
    recording::Recorder,
    resource::subscription::payload,
    simulation::{crowd, stage::default_project},
    state::{
        World,
        event::{Signal, Signals},
        fixture::FixtureError,
        state_file::StateFile,
    },
    tls::{self, Tls},
    value::primitive::Secret,
    webhook::Webhooks,
};

/// Maximum time for calls in flight when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Interval of the sweep for unused sandboxes.
const SWEEP: Duration = Duration::from_secs(10);

/// A running fake of the API. Dropping it stops it.
///
/// ```
/// use std::net::TcpStream;
///
/// use tiledesk_mock::Fake;
///
/// let fake = Fake::builder().seed(7).start()?;
/// assert!(TcpStream::connect(fake.url().trim_start_matches("http://")).is_ok());
/// assert_ne!(fake.sandbox("one").url(), fake.sandbox("another").url());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Fake {
    address: SocketAddr,
    secured: bool,
    instance: String,
    world: Arc<World>,
    runtime: Handle,
    endpoint: Arc<BoxEndpoint<'static, Response>>,
    recorder: Option<Recorder>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// The reason that a fake could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A fixture is invalid.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// A recording cannot be read or written.
    #[error("{0}")]
    Recording(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The certificate or its key cannot be used.
    #[error("{0}")]
    Tls(String),
    /// The state file cannot be written.
    #[error("--state: cannot write {file}: {1}", file = .0.display())]
    State(PathBuf, #[source] io::Error),
    /// The server thread or its runtime could not be created.
    #[error("cannot start: {0}")]
    Runtime(#[source] io::Error),
}

impl Fake {
    /// Starts a fake of the default world on a free loopback port, on its own thread and runtime, so that it works under any
    /// async runtime. Nothing is awaited; it is async to read well in async tests.
    ///
    /// # Panics
    ///
    /// If no port or thread is available. [`Fake::builder`] returns an error instead, and works without async.
    pub async fn start() -> Self {
        Self::builder().start().expect("a free port and a thread")
    }

    /// Options for a fake.
    pub fn builder() -> FakeBuilder {
        FakeBuilder::default()
    }

    /// Starts a fake with the options of the command line.
    #[doc(hidden)]
    pub fn serve(config: &Config) -> Result<Self, StartError> {
        let claim = |file: &PathBuf| StateFile::claim(file).map_err(|error| StartError::State(file.clone(), error));
        let kept = config.state.as_ref().map(claim).transpose()?;
        let (signals, mut signalled) = mpsc::unbounded_channel();
        let (end, connected) = (signals.clone(), tokio::sync::watch::Sender::new(0));
        let listeners = connected.subscribe();
        let signals = Signals { sender: signals, listeners, may_be_told: payload::may_be_told };
        // Before the files are read, so that no change is missed.
        let watched = config.fixtures.clone().filter(|_| config.watch).map(reload::Watched::new);
        let world = Arc::new(load::world(config, signals)?.kept_in(kept));
        let Tls { server: tls, trust } = tls::settings(config).map_err(StartError::Tls)?;
        let secured = config.require_tls && tls.is_some();
        let webhooks = Webhooks::new(config.webhooks, trust).map_err(StartError::Tls)?;
        let realtime = Realtime::new(config.heartbeat, connected);
        let connections = Connections::default();
        let instance = config.instance.clone().unwrap_or_else(http::random_instance);
        let site = http::App {
            instance: instance.clone(),
            realtime: Some(Upgrade(realtime.clone()).boxed()),
            connections: Some(connections.clone()),
            require_tls: config.require_tls,
            strict: config.strict,
            self_check: config.self_check,
            safe_csv: config.safe_csv,
            replay: serving::replayed(config)?,
            gate: gate(config),
            calls: if config.unobserved { http::Observation::Unobserved } else { http::Observation::Observed },
            ..app::site(world.clone(), openapi::DOCUMENTS)
        };
        let recorder = serving::recorder(config)?;
        let served = Arc::new(serving::served(config, site, recorder.clone()).map_err(StartError::Tls)?);
        let endpoint: Arc<BoxEndpoint<'static, Response>> = Arc::new(served.clone().boxed());
        let wanted = SocketAddr::new(config.host, config.port);
        let listener = TcpListener::bind(wanted).map_err(|error| StartError::Listen(wanted, error))?;
        let address = listener.local_addr().map_err(|error| StartError::Listen(wanted, error))?;
        listener.set_nonblocking(true).map_err(StartError::Runtime)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::Runtime)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (handle, sweeping, crowded, saving, closing) =
            (runtime.handle().clone(), world.clone(), world.clone(), world.clone(), world.clone());
        let (live, visited) = (config.live, world.clone());
        let timeouts = http::Timeouts { header: config.header_timeout, body: config.body_timeout };
        let watching = watched.map(|files| (world.clone(), files));
        let serve = move || {
            let outcome = runtime.block_on(async {
                let door = http::Listener::new(listener, connections, tls, timeouts)?;
                if let Some(rate) = live {
                    simulate(&visited, rate);
                }
                let stopped = async {
                    // Both a message and a dropped sender mean to stop.
                    let _ = stopped.await;
                    closing.close();
                };
                let (listening, telling) = (webhooks.clone(), realtime.clone());
                let deliverer = tokio::spawn(async move {
                    while let Some(signal) = signalled.recv().await {
                        match &signal {
                            Signal::Commit(commit) => telling.take(commit),
                            Signal::Redeliver { .. } | Signal::Ask { .. } => {}
                            Signal::End => return,
                        }
                        listening.take(signal);
                    }
                });
                let expiring = tokio::spawn(async move {
                    loop {
                        tokio::time::sleep(SWEEP).await;
                        sweeping.expire();
                    }
                });
                let watching = watching.map(|(world, files)| tokio::spawn(reload::watch(world, files)));
                let evicting = tokio::spawn(async move { crowded.keep_within_memory().await });
                http::serve(served, door, timeouts, stopped, GRACE).await;
                expiring.abort();
                evicting.abort();
                watching.iter().for_each(tokio::task::JoinHandle::abort);
                // Events committed so far are still queued and delivered.
                if end.send(Signal::End).is_ok() && deliverer.await.is_ok() {
                    tokio::join!(realtime.close(), webhooks.finish(GRACE));
                }
                // Last, so that it includes the delivery history.
                let saved =
                    saving.save().map_err(|error| io::Error::other(format!("the state was not written: {error}")));
                saving.release();
                saved.map(drop)
            });
            // Does not wait for pending name lookups.
            runtime.shutdown_background();
            outcome
        };
        let thread =
            std::thread::Builder::new().name("tiledesk-mock".into()).spawn(serve).map_err(StartError::Runtime)?;
        Ok(Self {
            address,
            secured,
            instance,
            world,
            runtime: handle,
            endpoint,
            recorder,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, without a version prefix and without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.secured { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The ID of this server, which `GET /healthz?instance` returns.
    #[doc(hidden)]
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The sandbox of calls that do not name one.
    #[must_use]
    pub fn default_sandbox(&self) -> Sandbox {
        Sandbox { inner: self.world.default_sandbox().clone(), url: self.url(), client: self.client() }
    }

    /// A sandbox by name: 1 to 64 letters, digits, hyphens, underscores, and dots. It is created on first use.
    ///
    /// # Panics
    ///
    /// If the name is invalid, or if the memory budget has no room for another sandbox.
    #[must_use]
    pub fn sandbox(&self, name: &str) -> Sandbox {
        let inner = self.world.sandbox(name).expect("the name of a sandbox has 1 to 64 letters, digits, -, _ and .");
        let client = Client { sandbox: HeaderValue::from_str(name).ok(), ..self.client() };
        Sandbox { inner, url: format!("{}/_sandbox/{name}", self.url()), client }
    }

    /// Names of the existing sandboxes, including the default one.
    #[must_use]
    pub fn sandboxes(&self) -> Vec<String> {
        self.world.sandboxes().iter().map(|sandbox| sandbox.name.to_string()).collect()
    }

    /// Deletes a sandbox. Returns whether it existed; the default sandbox cannot be deleted.
    #[must_use = "a sandbox that does not exist is not deleted"]
    pub fn delete_sandbox(&self, name: &str) -> bool {
        self.world.remove(name).is_some()
    }

    /// A client that calls the fake in process, without a socket.
    #[must_use]
    pub fn client(&self) -> Client {
        Client { endpoint: self.endpoint.clone(), runtime: self.runtime.clone(), sandbox: None }
    }

    /// Coverage of the documented operations by all calls so far.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        Coverage { world: self.world.clone(), minimum: None }
    }

    /// Handles a call in process on the caller's runtime; timers need a tokio runtime.
    #[doc(hidden)]
    pub async fn call(&self, request: ::http::Request<Bytes>) -> ::http::Response<Bytes> {
        http::call(&self.endpoint, request).await
    }

    /// Stops accepting connections, finishes the calls in flight, and returns once all files are written.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        self.recorder.take().iter().for_each(Recorder::flush);
        match ended {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => Err(io::Error::other("the server's thread panicked")),
            None => Ok(()),
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "server shutdown failed");
        }
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Starts the stream of visitors of the default sandbox.
fn simulate(world: &World, rate: u32) {
    let sandbox = world.default_sandbox();
    if let Some(project) = default_project(&sandbox.state_arc()) {
        crowd::start(sandbox, project, crowd::Settings { rate, seed: sandbox.seed() });
    } else {
        tracing::warn!("no visitors are simulated, because the world has no project");
    }
}

fn gate(config: &Config) -> http::ControlAccess {
    match &config.control_token {
        _ if config.no_control => http::ControlAccess::Closed,
        Some(token) => http::ControlAccess::Token(Secret::new(token.as_str())),
        None => http::ControlAccess::Open(config.control_hosts.clone()),
    }
}
