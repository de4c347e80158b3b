//! The address that a call comes from.

use std::net::{IpAddr, Ipv4Addr};

use poem::Request;

/// The client's address: the last one in `X-Forwarded-For` if a proxy on this machine sent it, else that of the connection.
/// Calls within the process come from the loopback address.
//
// Departs: `X-Forwarded-For` counts only from a loopback peer; the reference server takes it from every peer.
pub(super) fn address(request: &Request) -> IpAddr {
    let peer = request.remote_addr().as_socket_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), std::net::SocketAddr::ip);
    if !peer.to_canonical().is_loopback() {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|list| list.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.unwrap_or(peer)
}
