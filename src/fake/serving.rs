//! The endpoint of a server: the fake, or a proxy in front of another server.

use std::{io, path::PathBuf, sync::Arc};

use poem::{Endpoint, Request, Response};

use super::StartError;
use crate::{
    config::Config,
    http::{self, App, ReplayFn},
    proxy::{Proxy, Sink, UpstreamClient},
    recording::{self, Recorder},
    tls,
};

/// The endpoint of a server.
pub(super) enum Served<F, P> {
    Fake(F),
    Proxy(P),
}

/// The endpoint for the options of a server.
pub(super) fn served(
    config: &Config,
    site: App,
    recorder: Option<Recorder>,
) -> Result<impl Endpoint<Output = Response> + use<>, String> {
    let Some(upstream) = &config.upstream else { return Ok(Served::Fake(http::endpoint(site))) };
    let client = UpstreamClient::new(upstream.url.clone(), tls::upstream_trust(upstream)?, upstream.timeout)?;
    let site = Arc::new(site);
    let sink = recorder.map(|recorder| -> Sink { Arc::new(move |call| recorder.record(call)) });
    Ok(Served::Proxy(Proxy::new(http::endpoint(site.clone()), site, client, upstream.fail_on, sink)))
}

/// The replay of recorded calls, if there is a recording.
pub(super) fn replayed(config: &Config) -> Result<Option<Arc<ReplayFn>>, StartError> {
    let recording = config.replay.as_deref().map(recording::load).transpose();
    let recording = recording.map_err(|problem| StartError::Recording(problem.to_string()))?;
    Ok(recording.as_deref().map(recording::replay))
}

/// The recorder of a proxy's calls, if they are recorded.
pub(super) fn recorder(config: &Config) -> Result<Option<Recorder>, StartError> {
    let Some(upstream) = &config.upstream else { return Ok(None) };
    let start = |directory: &PathBuf| {
        let unwritable = |error: io::Error| StartError::Recording(format!("--record {}: {error}", directory.display()));
        Recorder::start(directory, &upstream.url.to_string()).map_err(unwritable)
    };
    upstream.record.as_ref().map(start).transpose()
}

impl<F, P> Endpoint for Served<F, P>
where
    F: Endpoint<Output = Response>,
    P: Endpoint<Output = Response>,
{
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        match self {
            Self::Fake(fake) => fake.call(request).await,
            Self::Proxy(proxy) => proxy.call(request).await,
        }
    }
}
