//! TLS: the server's certificate, and the certificates accepted from webhook receivers and upstreams. Without the feature
//! `tls`, neither the server nor its clients speak TLS.

#[cfg(feature = "tls")]
mod certificate;

#[cfg(feature = "tls")]
pub(crate) use self::certificate::{settings, upstream_trust};
#[cfg(not(feature = "tls"))]
use crate::{config::Config, proxy::Upstream};
use crate::{http::ServerTls, outbound::Trust};

/// The TLS settings of the server, if it serves TLS, and the certificates that webhooks trust.
pub(crate) struct Tls {
    pub(crate) server: Option<ServerTls>,
    pub(crate) trust: Trust,
}

#[cfg(not(feature = "tls"))]
#[expect(clippy::unnecessary_wraps, reason = "reading certificates fails")]
pub(crate) fn settings(_: &Config) -> Result<Tls, String> {
    Ok(Tls { server: None, trust: Trust })
}

#[cfg(not(feature = "tls"))]
#[expect(clippy::unnecessary_wraps, reason = "reading certificates fails")]
pub(crate) fn upstream_trust(_: &Upstream) -> Result<Trust, String> {
    Ok(Trust)
}
