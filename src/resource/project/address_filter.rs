//! Address filters: allowed and denied IP addresses of a project.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::document::Project;
use crate::value::Text;

/// The filter that rejects an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AddressFilter {
    Allow,
    Deny,
}

/// An address, or all addresses with the same prefix.
#[derive(Clone, Copy)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Project {
    /// The filter that rejects an address, if any. An empty allow list allows all addresses.
    pub(crate) fn refuses(&self, address: IpAddr) -> Option<AddressFilter> {
        let address = address.to_canonical();
        let allowed = self.ip_filter.as_deref().filter(|list| self.ip_filter_enabled == Some(true) && !list.is_empty());
        if allowed.is_some_and(|allowed| !lists(allowed, address)) {
            return Some(AddressFilter::Allow);
        }
        (self.ip_filter_deny_enabled && lists(&self.ip_filter_deny, address)).then_some(AddressFilter::Deny)
    }
}

/// Whether a list contains an address. The IPv4 and IPv6 loopback addresses are equivalent, because the resolver
/// decides which one a client of `localhost` uses.
fn lists(list: &[Text], address: IpAddr) -> bool {
    const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let same: &[_] = if address.is_loopback() { &LOOPBACK } else { &[] };
    list.iter()
        .filter_map(|text| Network::parse(text))
        .any(|network| network.contains(address) || same.iter().any(|address| network.contains(*address)))
}

/// The first entry that is neither an address nor a CIDR range.
pub(super) fn misread(list: &[Text]) -> Option<&Text> {
    list.iter().find(|text| Network::parse(text).is_none())
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let Some(prefix) = prefix else {
            let address = address.to_canonical();
            return Some(Self { address, prefix: if address.is_ipv4() { 32 } else { 128 } });
        };
        let prefix = Some(prefix).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?.parse().ok()?;
        (prefix <= bits).then_some(Self { address, prefix })
    }

    fn contains(self, address: IpAddr) -> bool {
        let shift = |bits: u32| bits - u32::from(self.prefix);
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(shift(32)).is_none_or(|differing| differing == 0)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(shift(128)).is_none_or(|differing| differing == 0)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ranges_of_both_protocols_match() {
        for (entry, address, expected) in [
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.8", false),
            ("203.0.113.9", "::ffff:203.0.113.9", true),
            ("::ffff:203.0.113.9", "203.0.113.9", true),
            ("203.0.113.0/24", "203.0.113.200", true),
            ("203.0.113.0/24", "203.0.114.1", false),
            ("203.0.113.9/24", "203.0.113.1", true),
            ("0.0.0.0/0", "198.51.100.7", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::5", true),
            ("2001:db8::/32", "2001:db9::5", false),
            ("::/0", "2001:db9::5", true),
            ("127.0.0.1", "::1", true),
            ("::1", "127.0.0.1", true),
            ("127.0.0.0/8", "::1", true),
            ("127.0.0.2", "127.0.0.2", true),
        ] {
            let address = address.parse::<IpAddr>().expect("an address").to_canonical();
            assert_eq!(lists(&[entry.into()], address), expected, "{entry} {address}");
        }
    }

    #[test]
    fn misread_returns_the_first_invalid_entry() {
        for text in ["", "localhost", "203.0.113", "203.0.113.9/33", "203.0.113.9/", "203.0.113.9/+8", "::1/129"] {
            assert_eq!(misread(&["::1".into(), text.into()]).map(Text::as_str), Some(text));
        }
        assert_eq!(misread(&["10.0.0.0/8".into(), "::/0".into()]), None);
    }
}
