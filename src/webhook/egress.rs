//! Restricts webhook targets.

use std::{
    fmt, io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use url::Url;

use crate::{
    outbound::{BoxError, Egress},
    value::address::is_near,
};

/// Allowed webhook targets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum WebhookTargets {
    /// None: send no webhooks.
    Off,
    /// Loopback and private addresses.
    #[default]
    Local,
    /// All addresses.
    Any,
}

impl WebhookTargets {
    fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Off => false,
            Self::Local => is_near(address) && !METADATA.contains(&address),
            Self::Any => true,
        }
    }

    /// The reason to refuse a URL, if it is not allowed.
    pub(super) fn refuses(self, url: &Url) -> Option<String> {
        if self == Self::Off {
            return Some("not sent: webhooks are off; start with --webhooks local or any".to_owned());
        }
        let address = match url.host()? {
            url::Host::Ipv4(address) => IpAddr::V4(address),
            url::Host::Ipv6(address) => IpAddr::V6(address),
            // Names are checked during resolution.
            url::Host::Domain(_) => return None,
        };
        (!self.allows(address)).then(|| refusal(&address.to_string()))
    }

    /// The check of resolved names.
    pub(super) fn egress(self) -> Egress {
        Egress::new(move |name, found| self.allowed(name, found))
    }

    /// The allowed ones among the resolved addresses of a name.
    fn allowed(self, name: &str, found: io::Result<Vec<SocketAddr>>) -> Result<Vec<SocketAddr>, BoxError> {
        if let (Self::Local, Err(error)) = (self, &found) {
            // Unresolvable names get the same refusal, so that the outcome for public names does not depend on the network.
            return Err(Blocked(refusal(&format!("{name} ({error})"))).into());
        }
        let all = found?;
        let allowed: Vec<_> = all.iter().copied().filter(|address| self.allows(address.ip())).collect();
        match (allowed.is_empty(), all.first()) {
            (true, Some(first)) => Err(Blocked(refusal(&format!("{name} ({})", first.ip()))).into()),
            _ => Ok(allowed),
        }
    }
}

/// The reason to refuse a resolved name.
#[derive(Debug)]
pub(super) struct Blocked(String);

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Blocked {}

/// Addresses at which clouds serve credentials although they count as private. Other such addresses are link-local.
const METADATA: [IpAddr; 2] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

fn refusal(address: &str) -> String {
    format!("not sent: {address} is not a loopback or private address; start with --webhooks any")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_allows_loopback_and_private_addresses() {
        for (address, local) in [
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("10.1.2.3", true),
            ("172.16.0.1", true),
            ("172.32.0.1", false),
            ("192.168.1.1", true),
            ("169.254.1.1", false),
            ("169.254.169.254", false),
            ("::ffff:169.254.169.254", false),
            ("fd00:ec2::254", false),
            ("fd20:ce::254", false),
            ("0.0.0.0", false),
            ("::", false),
            ("::ffff:0.0.0.0", false),
            ("8.8.8.8", false),
            ("::1", true),
            ("fd00::1", true),
            ("fe80::1", false),
            ("2001:db8::1", false),
            ("::ffff:127.0.0.1", true),
            ("::ffff:8.8.8.8", false),
        ] {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(WebhookTargets::Local.allows(address), local, "{address}");
            assert!(WebhookTargets::Any.allows(address) && !WebhookTargets::Off.allows(address));
        }
    }
    #[test]
    fn addresses_are_refused_in_every_notation() {
        for url in [
            "http://169.254.169.254/latest/meta-data",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://0xa9.0xfe.0xa9.0xfe/",
            "http://0251.0376.0251.0376/",
            "http://169.254.43518/",
            "http://[::ffff:169.254.169.254]/",
            "http://[::ffff:a9fe:a9fe]/",
            "http://１６９.254.１６９.254/",
            "http://[fd00:ec2::254]/",
            "http://[fe80::1]/",
            "http://0.0.0.0/",
            "http://0/",
            "http://[::]/",
        ] {
            let url: Url = url.parse().expect("a URL");
            assert!(WebhookTargets::Local.refuses(&url).is_some(), "{url}");
        }
        for url in ["http://127.0.0.1/", "http://2130706433/", "http://[::1]/", "http://10.0.0.1/"] {
            let url: Url = url.parse().expect("a URL");
            assert_eq!(WebhookTargets::Local.refuses(&url), None, "{url}");
        }
    }

    #[test]
    fn names_that_resolve_to_refused_addresses_are_refused() {
        let addresses = |found: &[&str]| {
            Ok(found.iter().map(|found| SocketAddr::new(found.parse().expect("an address"), 80)).collect::<Vec<_>>())
        };
        let allowed = |found| WebhookTargets::Local.allowed("name.example", found);
        assert_eq!(allowed(addresses(&["127.0.0.1"])).expect("it is allowed").len(), 1);
        assert_eq!(allowed(addresses(&["169.254.169.254", "::1"])).expect("one is allowed").len(), 1);
        let refusals = [addresses(&["169.254.169.254"]), addresses(&["0.0.0.0"]), Err(io::ErrorKind::NotFound.into())];
        for found in refusals {
            let refusal = allowed(found).expect_err("it is refused");
            assert!(refusal.to_string().starts_with("not sent: name.example ("), "{refusal}");
        }
    }
}
