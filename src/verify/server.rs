//! The servers that a run calls: fakes in this process, and the one to verify.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use tokio::{
    sync::{Mutex, watch},
    time::{Interval, MissedTickBehavior, interval},
};
use url::Url;

use crate::{
    fake::{Fake, Sandbox},
    outbound::{self, Excess, Outbound, Settings, Trust},
};

/// Maximum size of a response.
const LARGEST: usize = 16 << 20;

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("tiledesk-mock-verify/", env!("CARGO_PKG_VERSION")));

/// Consecutive calls without a response after which a run ends.
const HOPELESS: u32 = 5;

/// The reason that a call got no response.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The connection failed, or the response is not HTTP or is too large.
    Broken(String),
    /// The run was interrupted.
    Interrupted,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken(why) => f.write_str(why),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

/// A server.
pub(super) enum Server {
    /// A fake whose clock advances by this step with each call.
    Fake {
        fake: Box<Fake>,
        sandbox: Box<Sandbox>,
        pace: Duration,
    },
    Remote(Remote),
}

impl Server {
    pub(super) async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        match self {
            Self::Fake { fake, sandbox, pace } => {
                if !pace.is_zero() {
                    // If the clock cannot be moved, values that depend on it are equal.
                    let _ = sandbox.advance(*pace);
                }
                Ok(fake.client().send(request).await)
            }
            Self::Remote(remote) => remote.send(request).await,
        }
    }
}

/// The server to verify.
#[derive(Clone)]
pub(super) struct Remote {
    client: Arc<Outbound>,
    base: Url,
    timeout: Duration,
    pace: Arc<Mutex<Interval>>,
    stop: watch::Receiver<bool>,
    /// Consecutive calls without a response.
    silent: Arc<AtomicU32>,
}

impl Remote {
    pub(super) fn new(
        base: Url,
        timeout: Duration,
        per_minute: u32,
        insecure: bool,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, String> {
        let trust = if insecure { Trust::Anybody } else { Trust::default() };
        let client = Arc::new(Outbound::new(Settings { proxies: true, ..Settings::new(trust) })?);
        let mut pace = interval(Duration::from_secs(60) / per_minute.max(1));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let pace = Arc::new(Mutex::new(pace));
        Ok(Self { client, base, timeout, pace, stop, silent: Arc::default() })
    }

    /// The same server for calls that an interruption does not end, such as cleanup.
    pub(super) fn uninterrupted(&self) -> Self {
        Self { stop: watch::Sender::new(false).subscribe(), silent: Arc::default(), ..self.clone() }
    }

    /// Whether the server has stopped responding.
    pub(super) fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed) >= HOPELESS
    }

    /// Whether the run was interrupted.
    pub(super) fn is_interrupted(&self) -> bool {
        *self.stop.borrow()
    }

    /// Whether version 1 can be called: the version is part of the base URL.
    pub(super) fn has_versions(&self) -> bool {
        versioned(&self.base).is_some()
    }

    /// The URL of a path with a version prefix.
    fn url(&self, path: &str) -> Result<Url, Failure> {
        let (version, rest) = split_version(path);
        let base = match versioned(&self.base) {
            Some(base) => format!("{base}/{}", version.unwrap_or("v3")),
            None => self.base.as_str().trim_end_matches('/').to_owned(),
        };
        // Queries may contain secrets.
        let shown = path.split('?').next().unwrap_or_default();
        Url::parse(&format!("{base}{rest}")).map_err(|error| Failure::Broken(format!("{shown}: {error}")))
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        let mut stop = self.stop.clone();
        if *stop.borrow_and_update() {
            return Err(Failure::Interrupted);
        }
        let turn = async { self.pace.lock().await.tick().await };
        tokio::select! {
            _ = turn => {}
            // Without a sender, nothing can interrupt the run any more, so only a change counts.
            Ok(()) = stop.changed() => return Err(Failure::Interrupted),
        }
        // Calls are not interrupted, because objects that they create have to be removed.
        let answer = self.exchange(request).await;
        match &answer {
            Ok(_) => self.silent.store(0, Ordering::Relaxed),
            Err(_) => _ = self.silent.fetch_add(1, Ordering::Relaxed),
        }
        answer
    }

    async fn exchange(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        let url = self.url(request.uri().path_and_query().map_or("/", |path| path.as_str()))?;
        request.headers_mut().entry(header::USER_AGENT).or_insert(USER_AGENT);
        let answer = self.client.exchange(url, request, self.timeout, (LARGEST, Excess::Refuse)).await;
        answer.map_err(|failure| Failure::Broken(self.reason(&failure)))
    }

    /// A brief reason for a failed call, without the URL.
    fn reason(&self, failure: &outbound::Failure) -> String {
        if failure.is_timeout() {
            return format!("no response within {} s", self.timeout.as_secs_f32());
        }
        match failure.source() {
            Some(_) => format!("no response: {}", failure.root()),
            None => failure.to_string(),
        }
    }
}

/// The base URL without its version, if it has one.
fn versioned(base: &Url) -> Option<&str> {
    let base = base.as_str().trim_end_matches('/');
    ["/v1", "/v2", "/v3"].into_iter().find_map(|version| base.strip_suffix(version))
}

/// The version of a path, and the rest.
fn split_version(path: &str) -> (Option<&str>, &str) {
    match path.get(1..3).filter(|version| matches!(*version, "v1" | "v2" | "v3")) {
        Some(version) if path[3..].starts_with('/') => (Some(version), &path[3..]),
        _ => (None, path),
    }
}
