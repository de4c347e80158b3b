//! The origin of a call, directly or as reported by a proxy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use poem::{
    Request,
    http::{HeaderName, uri::Scheme},
};

use crate::value::address::is_near;

/// The client of a proxy, and the scheme by which it called.
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The client's address: the last one in `X-Forwarded-For` if a loopback proxy sent it, otherwise the peer's.
/// In-process calls have the loopback address.
//
// Departs: `X-Forwarded-For` is trusted only from a loopback peer; the reference server trusts it from any peer.
pub(crate) fn address(request: &Request) -> IpAddr {
    let peer = peer(request);
    if !peer.to_canonical().is_loopback() {
        return peer;
    }
    let forwarded = request.headers().get_all(&FORWARDED_FOR).iter().next_back();
    let last = forwarded.and_then(|list| list.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.unwrap_or(peer)
}

/// The address of the peer, which may be a proxy.
pub(super) fn peer(request: &Request) -> IpAddr {
    request.remote_addr().as_socket_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), SocketAddr::ip)
}

/// Whether a call came over TLS, either directly or through a proxy on this machine or its private network
/// (`X-Forwarded-Proto: https`).
pub(crate) fn is_secure(request: &Request) -> bool {
    let forwarded = || request.headers().get(&FORWARDED_PROTO).and_then(|scheme| scheme.to_str().ok());
    *request.scheme() == Scheme::HTTPS || is_forwarded(forwarded(), peer(request))
}

fn is_forwarded(scheme: Option<&str>, peer: IpAddr) -> bool {
    scheme == Some("https") && is_near(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_proto_is_trusted_only_from_nearby_proxies() {
        for (peer, believed) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("10.0.0.7", true),
            ("::ffff:192.168.1.1", true),
            ("fd00::1", true),
            ("203.0.113.9", false),
            ("169.254.1.1", false),
            ("2001:db8::1", false),
        ] {
            let peer = peer.parse().expect("an address");
            assert_eq!(is_forwarded(Some("https"), peer), believed, "{peer}");
            assert!(!is_forwarded(Some("http"), peer) && !is_forwarded(None, peer));
        }
    }
}
