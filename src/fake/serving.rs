//! What a server serves: the fake, or a proxy in front of another server.

use std::sync::Arc;

use poem::{Endpoint, Request, Response};

use crate::{
    config::Config,
    http::{self, App},
    proxy::{Proxy, UpstreamClient},
    tls,
};

/// The endpoint of a server.
pub(super) enum Served<F, P> {
    Fake(F),
    Proxy(P),
}

/// The endpoint for the options of a server.
pub(super) fn served(config: &Config, site: App) -> Result<impl Endpoint<Output = Response> + use<>, String> {
    let Some(upstream) = &config.upstream else { return Ok(Served::Fake(http::endpoint(site))) };
    let client = UpstreamClient::new(upstream.url.clone(), tls::upstream_trust(upstream)?, upstream.timeout)?;
    let site = Arc::new(site);
    Ok(Served::Proxy(Proxy::new(http::endpoint(site.clone()), site, client, upstream.fail_on, None)))
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
