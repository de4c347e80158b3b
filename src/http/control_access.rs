//! Who may call the control API: whoever reaches the server, but no page of another origin; or only who knows a token.

use std::net::IpAddr;

use poem::{
    Request,
    http::{Method, header},
};

use super::{authority::authority, problem::Problem};
use crate::value::primitive::Secret;

/// The way into the control API.
pub(crate) enum ControlAccess {
    /// There is none.
    Closed,
    /// Everybody but the pages of other origins.
    Open,
    /// Who says the token, in whatever page.
    Token(Secret),
}

impl ControlAccess {
    pub(super) fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// Why a call may not come in.
    ///
    /// Inboxes take what is posted to them without a token: they stand for the receivers of webhooks, and the API sends its
    /// webhooks with an origin.
    pub(super) fn refuses(&self, request: &Request, path: &str) -> Option<Problem> {
        let is_webhook = request.method() == Method::POST && path.starts_with("/webhooks/inbox/");
        match self {
            Self::Closed => Some(Problem::of(404, "The control API is switched off.")),
            Self::Token(token) if !is_webhook => {
                let given = request.header(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
                let text = "The control API wants its token: Authorization: Bearer TOKEN.";
                (!given.is_some_and(|given| token.is(given))).then(|| Problem::of(401, text))
            }
            _ => {
                let foreign = if is_webhook { is_fetched_elsewhere(request) } else { is_foreign(request) };
                let text = "Pages of other origins may not call the control API, nor may calls by a public name; start with --control-token and say the token.";
                foreign.then(|| Problem::of(403, text))
            }
        }
    }
}

/// Whether a page of another origin calls, or could: a name that somebody else owns can be made to point here, and then a page
/// of that name and the server are of one origin.
fn is_foreign(request: &Request) -> bool {
    let host = authority(request);
    // Calls that come over no socket need no host: nobody else can make them.
    let is_local = host.map_or_else(|| request.remote_addr().as_socket_addr().is_none(), is_local);
    let host = host.unwrap_or_default();
    match request.header(header::ORIGIN) {
        _ if !is_local => true,
        Some(origin) => origin.split_once("://").is_none_or(|(_, authority)| authority != host),
        None => is_fetched_elsewhere(request),
    }
}

/// Browsers leave the origin out where a page merely shows something, and say it in another way. A link that somebody follows
/// is no call of the page.
fn is_fetched_elsewhere(request: &Request) -> bool {
    matches!(request.header("sec-fetch-site"), Some("cross-site" | "same-site"))
        && (request.header("sec-fetch-mode") != Some("navigate") || request.method() != Method::GET)
}

/// Whether a host is an address, or a name that the internet does not give: of one word, as those of containers are, or of this
/// machine.
fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
    let is_address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    is_address || !name.is_empty() && !name.contains('.') || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_local_where_nobody_else_can_name_them() {
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
}
