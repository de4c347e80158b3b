//! Which addresses are near.

use std::net::IpAddr;

/// Whether an address is one of this machine or of its private network. Link-local addresses are not: clouds serve the
/// credentials of their machines there.
pub(crate) fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}
