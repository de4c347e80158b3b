//! Access control of the control API: open to everyone except cross-origin pages, or protected by a token.

use std::net::IpAddr;

use poem::{
    Request,
    http::{Method, header},
};

use super::{authority::authority, page, problem::Problem};
use crate::value::primitive::Secret;

/// Access to the control API.
pub(crate) enum ControlAccess {
    /// Disabled.
    Closed,
    /// Open to everyone except pages of other origins. Calls must name a local host, or one of these: names, or `*.` and
    /// a domain.
    Open(Vec<String>),
    /// Open to callers with the token, including pages of any origin.
    Token(Secret),
}

impl ControlAccess {
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// The problem if the control API is disabled.
    pub(super) fn closed(&self) -> Option<Problem> {
        self.is_closed().then(|| Problem::of(404, "The control API is disabled."))
    }

    /// The reason to reject a call. `page` is the token of the server's own pages.
    ///
    /// Inboxes accept posts without a token: they stand in for webhook receivers, and the API sends its webhooks with
    /// an `Origin` header.
    pub(super) fn refuses(&self, request: &Request, path: &str, page: &Secret) -> Option<Problem> {
        let is_webhook = request.method() == Method::POST && path.starts_with("/webhooks/inbox/");
        match self {
            Self::Closed => self.closed(),
            Self::Token(token) if !is_webhook => {
                let given = request.header(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
                let text = "Missing or invalid control token (expected `Authorization: Bearer …`).";
                (!given.is_some_and(|given| token.is(given))).then(|| Problem::of(401, text))
            }
            _ => {
                let hosts = if let Self::Open(hosts) = self { hosts.as_slice() } else { &[] };
                let foreign = if is_webhook { is_fetched_elsewhere(request) } else { is_foreign(request, hosts) };
                let text = "Cross-origin request or public host name rejected. Allow the name with --control-hosts, or start with \
                            --control-token and send it as a bearer token.";
                if foreign {
                    return Some(Problem::of(403, text));
                }
                let is_unproven = !is_webhook && page::is_by_page(request) && !page::has_token(request, page);
                let text = "Page token missing or outdated: only the server's own pages, such as /_console, may call the control API \
                            from a browser. Reload the page. For other pages, start with --control-token.";
                is_unproven.then(|| Problem::of(403, text))
            }
        }
    }

    /// The reason not to show a page that has the page token.
    pub(super) fn refuses_page(&self, request: &Request) -> Option<Problem> {
        let hosts = match self {
            Self::Closed => return Some(Problem::of(404, "The control API is disabled, and the console with it.")),
            // The page token is not needed here.
            Self::Token(_) => return None,
            Self::Open(hosts) => hosts,
        };
        let is_refused = is_foreign(request, hosts) || page::is_loaded_by_script(request);
        let text = "The console can only be opened in a browser tab, under a local host name or one allowed with --control-hosts.";
        is_refused.then(|| Problem::of(403, text))
    }
}

/// Whether the caller is or could be a page of another origin. With DNS rebinding, a foreign public name can point to
/// this server, which makes a page under that name same-origin.
fn is_foreign(request: &Request, hosts: &[String]) -> bool {
    let host = authority(request);
    // In-process calls have no socket and need no host: only this process can make them.
    let is_allowed = |host: &str| is_local(host) || is_listed(host, hosts);
    let is_local = host.map_or_else(|| request.remote_addr().as_socket_addr().is_none(), is_allowed);
    let host = host.unwrap_or_default();
    match request.header(header::ORIGIN) {
        _ if !is_local => true,
        Some(origin) => origin.split_once("://").is_none_or(|(_, authority)| authority != host),
        None => is_fetched_elsewhere(request),
    }
}

/// Browsers omit `Origin` for embedded resources and send fetch metadata instead. Following a link is not a call by the
/// page.
fn is_fetched_elsewhere(request: &Request) -> bool {
    matches!(request.header("sec-fetch-site"), Some("cross-site" | "same-site"))
        && (request.header("sec-fetch-mode") != Some("navigate") || request.method() != Method::GET)
}

/// Whether a host is an IP address or a name outside of public DNS: a single label, as containers have, or a name of
/// this machine.
fn is_local(host: &str) -> bool {
    let name = name_of(host).to_ascii_lowercase();
    let is_address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    is_address || !name.is_empty() && !name.contains('.') || name.ends_with(".localhost")
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name)
}

/// Whether a host is one of these names, or below one of them that starts with `*.`.
fn is_listed(host: &str, hosts: &[String]) -> bool {
    let name = name_of(host);
    hosts.iter().any(|listed| match listed.strip_prefix('*') {
        Some(domain) => name.len() > domain.len() && name.to_ascii_lowercase().ends_with(&domain.to_ascii_lowercase()),
        None => name.eq_ignore_ascii_case(listed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_non_public_names_are_local() {
        for (host, local) in [
            ("127.0.0.1:4010", true),
            ("[::1]:4010", true),
            ("[::1]", true),
            ("192.168.1.7", true),
            ("localhost:4010", true),
            ("one.localhost:4010", true),
            ("mock:4010", true),
            ("", false),
            ("evil.example:4010", false),
            ("evil.example", false),
            ("localhost.evil.example:4010", false),
            ("127.0.0.1.evil.example", false),
            ("evil.example.", false),
        ] {
            assert_eq!(is_local(host), local, "{host}");
        }
    }

    #[test]
    fn listed_names_and_subdomains_are_allowed() {
        let hosts = ["host.docker.internal", "*.svc"].map(str::to_owned);
        for (host, allowed) in [
            ("host.docker.internal:4010", true),
            ("HOST.docker.internal", true),
            ("tiledesk.default.svc:80", true),
            (".svc", false),
            ("evilsvc", false),
            ("evil.host.docker.internal", false),
            ("svc.evil.example", false),
        ] {
            assert_eq!(is_listed(host, &hosts), allowed, "{host}");
        }
    }
}
