//! Resolution of names. Connections use exactly the addresses that were checked.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec,
};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::BoxError;

type Check = dyn Fn(&str, io::Result<Vec<SocketAddr>>) -> Result<Vec<SocketAddr>, BoxError> + Send + Sync;

/// Restricts the addresses of a name (default: all are allowed). Literal addresses are not resolved, and must be
/// checked before.
#[derive(Clone, Default)]
pub(crate) struct Egress(Option<Arc<Check>>);

impl Egress {
    pub(crate) fn new(
        check: impl Fn(&str, io::Result<Vec<SocketAddr>>) -> Result<Vec<SocketAddr>, BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(check)))
    }
}

/// Resolves a name once, and returns only the allowed addresses.
#[derive(Clone)]
pub(crate) struct Resolver(Egress);

impl Resolver {
    pub(super) fn new(egress: Egress) -> Self {
        Self(egress)
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Egress(check) = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map(Iterator::collect);
            let addresses = match check {
                Some(check) => check(name.as_str(), found)?,
                None => found?,
            };
            Ok(addresses.into_iter())
        })
    }
}
