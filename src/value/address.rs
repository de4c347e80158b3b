//! Classification of local IP addresses.

use std::net::IpAddr;

/// Whether an address is loopback or belongs to a private network. Link-local addresses do not count: cloud providers
/// serve instance credentials on them.
pub(crate) fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}
