//! Who may call the control API: whoever reaches the server, but no page of another origin; or only who knows a token.

use std::net::IpAddr;

use poem::{
    Request,
    http::{Method, header},
};

use super::problem::Problem;
use crate::world::value::Secret;

/// The way into the control API.
pub(crate) enum Gate {
    /// There is none.
    Closed,
    /// Everybody but the pages of other origins.
    Open,
    /// Who says the token, in whatever page.
    Token(Secret),
}

impl Gate {
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
                let text = "Pages of other origins may not call the control API; start with --control-token and say the token.";
                foreign.then(|| Problem::of(403, text))
            }
        }
    }
}

/// Whether a page of another origin calls.
fn is_foreign(request: &Request) -> bool {
    match request.header(header::ORIGIN) {
        Some(origin) => !is_own(origin, request.header(header::HOST).unwrap_or_default()),
        None => is_fetched_elsewhere(request),
    }
}

/// Browsers leave the origin out where a page merely shows something, and say it in another way. A link that somebody follows
/// is no call of the page.
fn is_fetched_elsewhere(request: &Request) -> bool {
    matches!(request.header("sec-fetch-site"), Some("cross-site" | "same-site"))
        && (request.header("sec-fetch-mode") != Some("navigate") || request.method() != Method::GET)
}

/// Whether an origin is that of the server. A name that anybody can let point here is not believed.
fn is_own(origin: &str, host: &str) -> bool {
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
    let is_address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    authority == Some(host) && (is_address || name == "localhost" || name.ends_with(".localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_own_where_nobody_else_can_be() {
        for (origin, host, own) in [
            ("http://127.0.0.1:4010", "127.0.0.1:4010", true),
            ("https://localhost:4010", "localhost:4010", true),
            ("http://one.localhost:4010", "one.localhost:4010", true),
            ("http://[::1]:4010", "[::1]:4010", true),
            ("http://localhost", "localhost", true),
            ("http://localhost:3000", "localhost:4010", false),
            ("http://localhost:4010", "127.0.0.1:4010", false),
            ("http://one.localhost:4010", "localhost:4010", false),
            // A name of theirs that is made to point here.
            ("http://evil.example:4010", "evil.example:4010", false),
            ("http://localhost.evil.example:4010", "localhost.evil.example:4010", false),
            ("null", "127.0.0.1:4010", false),
            ("null", "", false),
            ("", "", false),
        ] {
            assert_eq!(is_own(origin, host), own, "{origin} at {host}");
        }
    }
}
