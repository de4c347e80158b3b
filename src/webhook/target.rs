//! Where webhooks may go: what was checked is what is connected to.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use clap::ValueEnum;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Where webhooks may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum WebhookTargets {
    /// Nowhere.
    Off,
    /// To loopback and private addresses.
    #[default]
    Local,
    /// Everywhere.
    Any,
}

impl WebhookTargets {
    fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Off => false,
            Self::Local => is_local(address),
            Self::Any => true,
        }
    }

    /// Why nothing goes there, if nothing does.
    pub(super) fn refuses(self, url: &reqwest::Url) -> Option<String> {
        if self == Self::Off {
            return Some("not sent: webhooks are off; start with --webhooks local or any".to_owned());
        }
        let address = match url.host()? {
            url::Host::Ipv4(address) => IpAddr::V4(address),
            url::Host::Ipv6(address) => IpAddr::V6(address),
            // Names are checked when they are resolved.
            url::Host::Domain(_) => return None,
        };
        (!self.allows(address)).then(|| refusal(&address.to_string()))
    }
}

/// Why a name is not connected to.
#[derive(Debug)]
pub(super) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

fn refusal(address: &str) -> String {
    format!("not sent: {address} is no loopback or private address; start with --webhooks any")
}

fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local() || address.is_unspecified()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
        }
    }
}

/// Resolves a name once, to the addresses that webhooks may go to.
pub(super) struct Resolver(pub(super) WebhookTargets);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let targets = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            if let (WebhookTargets::Local, Err(error)) = (targets, &found) {
                // Whether a public name is refused must not depend on the network.
                return Err(Refused(refusal(&format!("{} ({error})", name.as_str()))).into());
            }
            let all: Vec<SocketAddr> = found?.collect();
            let allowed: Vec<_> = all.iter().copied().filter(|address| targets.allows(address.ip())).collect();
            match (allowed.is_empty(), all.first()) {
                (true, Some(first)) => Err(Refused(refusal(&format!("{} ({})", name.as_str(), first.ip()))).into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_means_loopback_and_private() {
        for (address, local) in [
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("10.1.2.3", true),
            ("172.16.0.1", true),
            ("172.32.0.1", false),
            ("192.168.1.1", true),
            ("169.254.1.1", true),
            ("0.0.0.0", true),
            ("8.8.8.8", false),
            ("::1", true),
            ("fd00::1", true),
            ("fe80::1", true),
            ("2001:db8::1", false),
            ("::ffff:127.0.0.1", true),
            ("::ffff:8.8.8.8", false),
        ] {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(WebhookTargets::Local.allows(address), local, "{address}");
            assert!(WebhookTargets::Any.allows(address) && !WebhookTargets::Off.allows(address));
        }
    }
}
