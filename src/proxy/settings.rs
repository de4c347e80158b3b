//! The settings of a proxy.

use std::{path::PathBuf, str::FromStr, time::Duration};

use http::uri::{Authority, Scheme, Uri};

/// Where a proxy forwards to, and how.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Upstream {
    /// URL of the server to forward to, such as `https://api.tiledesk.com`; a path in it precedes all paths.
    #[cfg_attr(
        feature = "cli",
        arg(long = "upstream", help_heading = "Upstream", env = "TILEDESK_MOCK_UPSTREAM", value_name = "URL")
    )]
    pub url: UpstreamUrl,

    /// Also trust the upstream if its certificate is in this PEM file or signed by one in it.
    #[cfg_attr(
        feature = "cli",
        arg(long = "upstream-ca", help_heading = "Upstream", env = "TILEDESK_MOCK_UPSTREAM_CA", value_name = "FILE")
    )]
    pub ca: Option<PathBuf>,

    /// Accept any certificate from the upstream.
    #[cfg_attr(
        feature = "cli",
        arg(
            long = "upstream-insecure",
            help_heading = "Upstream",
            env = "TILEDESK_MOCK_UPSTREAM_INSECURE",
            conflicts_with = "ca"
        )
    )]
    pub insecure: bool,

    /// Maximum time for the upstream to respond, and maximum pause in a response; then the request gets 504.
    #[cfg_attr(feature = "cli", arg(long = "upstream-timeout", help_heading = "Upstream", env = "TILEDESK_MOCK_UPSTREAM_TIMEOUT", default_value = "30s", value_parser = crate::runtime::clock::parse_duration, value_name = "TIME"))]
    pub timeout: Duration,

    /// Respond with 502 instead of forwarding a response that violates the contract or accepts a request that does.
    #[cfg_attr(
        feature = "cli",
        arg(long, help_heading = "Upstream", env = "TILEDESK_MOCK_FAIL_ON", value_enum, value_name = "violation")
    )]
    pub fail_on: Option<FailOn>,

    /// Write the forwarded requests and their responses to this directory, which must be empty or not exist yet.
    ///
    /// Secrets and personal data are replaced by placeholders.
    #[cfg_attr(
        feature = "cli",
        arg(long, help_heading = "Upstream", env = "TILEDESK_MOCK_RECORD", value_name = "DIR")
    )]
    pub record: Option<PathBuf>,
}

impl Upstream {
    /// An upstream with default settings.
    #[must_use]
    pub fn new(url: UpstreamUrl) -> Self {
        Self { url, ca: None, insecure: false, timeout: Duration::from_secs(30), fail_on: None, record: None }
    }
}

/// What makes a proxy respond with 502.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum FailOn {
    /// A violation of the contract.
    Violation,
}

/// The base URL of an upstream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpstreamUrl {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    /// Without a trailing slash.
    pub(super) path: String,
}

impl FromStr for UpstreamUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| Err(format!("expected a URL such as https://api.tiledesk.com: {what}"));
        let uri = match text.parse::<Uri>() {
            Ok(uri) => uri.into_parts(),
            Err(error) => return wrong(&error.to_string()),
        };
        let (Some(scheme), Some(authority)) = (uri.scheme, uri.authority) else {
            return wrong("the scheme or the host is missing");
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return wrong(&format!("the scheme must be http or https, not {scheme}"));
        }
        if authority.as_str().contains('@') {
            return wrong("credentials are not allowed here; clients send their own");
        }
        if authority.host().is_empty() {
            return wrong("the host is missing");
        }
        if authority.port_u16().is_none() && authority.as_str() != authority.host() {
            return wrong("the port is not a number up to 65535");
        }
        let path = uri.path_and_query;
        if text.contains(['?', '#']) {
            return wrong("a query or fragment is not allowed here");
        }
        let path = path.map_or(String::new(), |path| path.path().trim_end_matches('/').to_owned());
        Ok(Self { scheme, authority, path })
    }
}

impl std::fmt::Display for UpstreamUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_http_without_credentials_and_query() {
        for (text, shown) in [
            ("http://127.0.0.1:4010", Some("http://127.0.0.1:4010")),
            ("https://api.example/", Some("https://api.example")),
            ("https://api.example/v3/", Some("https://api.example/v3")),
            ("http://[::1]:4010/api", Some("http://[::1]:4010/api")),
            ("api.example", None),
            ("/v3", None),
            ("ftp://api.example", None),
            ("http://a:b@api.example", None),
            ("http://api.example/?a=1", None),
            ("http://api.example/#a", None),
            ("http://a:b/c@api.example", None),
            ("http://api.example:", None),
            ("http://api.example:65536", None),
            ("http://", None),
            ("", None),
        ] {
            let parsed = text.parse::<UpstreamUrl>();
            assert_eq!(parsed.as_ref().ok().map(ToString::to_string).as_deref(), shown, "{text}");
            assert!(parsed.is_ok() || parsed.is_err_and(|error| error.starts_with("expected a URL such as")));
        }
    }
}
