//! The proxy: forwards calls to another server, and observes them like the fake's own calls: journal, coverage,
//! explanations, faults, and validation against the contract.

mod body;
mod forwarding;
mod header;
mod memo;
mod observation;
mod sent;
mod settings;
mod upgrade;
mod upstream;

use std::sync::Arc;

use futures_util::FutureExt;
use http::HeaderMap;
use poem::{Endpoint, Request, Response, error::ResponseError};
use tokio::sync::OnceCell;

use self::memo::Memo;
#[cfg(any(feature = "cli", feature = "internals"))]
pub use self::settings::UpstreamUrl;
#[cfg_attr(
    not(any(feature = "cli", feature = "internals")),
    expect(unreachable_pub, reason = "options are public where the command line is")
)]
pub use self::settings::{FailOn, Upstream};
pub(crate) use self::upstream::UpstreamClient;
use crate::{
    http::{App, Contract, Problem, help, sandbox_and_path, settle},
    recorder::entry::Entry,
    state::Sandbox,
};

/// Receives each forwarded call once its response has ended.
pub(crate) type Sink = Arc<dyn Fn(&Arc<Entry>) + Send + Sync>;

/// A proxy, with its own control API.
pub(crate) struct Proxy<C> {
    /// The endpoint of the control API.
    control: C,
    shared: Arc<Shared>,
}

/// Data shared by the calls of a proxy.
pub(crate) struct Shared {
    site: Arc<App>,
    upstream: UpstreamClient,
    fail_on: Option<FailOn>,
    contract: OnceCell<Arc<Contract>>,
    valid: Memo,
    sink: Option<Sink>,
}

impl<C: Endpoint<Output = Response>> Proxy<C> {
    pub(crate) fn new(
        control: C,
        site: Arc<App>,
        upstream: UpstreamClient,
        fail_on: Option<FailOn>,
        sink: Option<Sink>,
    ) -> Self {
        Self {
            control,
            shared: Arc::new(Shared {
                site,
                upstream,
                fail_on,
                contract: OnceCell::new(),
                valid: Memo::default(),
                sink,
            }),
        }
    }

    async fn answer(&self, mut request: Request) -> Response {
        settle(&mut request);
        let whole = request.uri().path();
        let (name, path) = sandbox_and_path(&request, whole);
        if path.strip_prefix("/_control").is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return self.control.get_response(request).await;
        }
        // `/_sandbox/NAME` addresses the proxy.
        let prefix = if path == "/" && whole != "/" { whole.len() } else { whole.len() - path.len() };
        match self.shared.site.world.choose(name.as_deref()) {
            Ok(sandbox) => forwarding::forward(&self.shared, &sandbox, prefix, request).await,
            Err(why) => Problem::from(why).as_response(),
        }
    }
}

impl<C: Endpoint<Output = Response>> Endpoint for Proxy<C> {
    type Output = Response;

    fn call(&self, request: Request) -> impl Future<Output = poem::Result<Response>> + Send {
        self.answer(request).map(Ok).boxed()
    }
}

impl Shared {
    /// The contract, built on first use.
    async fn contract(&self) -> &Arc<Contract> {
        self.contract.get_or_init(|| (self.site.contract)()).await
    }

    /// Links to the explanation of a call.
    fn link(&self, headers: &mut HeaderMap, sandbox: &Sandbox, call: &Entry) {
        if sandbox.journal.is_kept() && !self.site.gate.is_closed() {
            help(headers, sandbox, call);
        }
    }
}
