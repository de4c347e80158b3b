//! Paths: what of them means nothing, and what leads elsewhere.

use bytes::Bytes;
use poem::{
    Request,
    http::{Uri, header, uri::PathAndQuery},
};

pub(super) fn set_path(request: &mut Request, mut path: String) {
    if let Some(query) = request.uri().query() {
        path.push('?');
        path.push_str(query);
    }
    let path_and_query = PathAndQuery::from_maybe_shared(Bytes::from(path));
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.path_and_query = Some(path_and_query.expect("the rest of a valid path is valid"));
    *request.uri_mut() = Uri::from_parts(parts).expect("only the path was replaced");
}

/// The version prefix that the real API's proxies take off, and the path without it.
pub(super) fn version(path: &str) -> (Option<&'static str>, &str) {
    let versioned = path.strip_prefix("/api").filter(|rest| starts_segment(rest)).unwrap_or(path);
    let rest = ["/v1", "/v2", "/v3"].into_iter().find_map(|version| Some((version, versioned.strip_prefix(version)?)));
    match rest.filter(|(_, rest)| starts_segment(rest)) {
        Some((version, rest)) => (Some(version), rest),
        None => (None, versioned),
    }
}

/// Whether a call is to the realtime API: it has a path of its own, and the newest address has none but `/api`.
pub(super) fn is_realtime(request: &Request, path: &str) -> bool {
    match path {
        "/ws" => true,
        "/" => request.header(header::UPGRADE).is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket")),
        _ => false,
    }
}

fn starts_segment(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// The path without its trailing slash, which means nothing, and without the quote after an identifier with which a call
/// ends that the documentation prints.
pub(super) fn canonical(path: &str) -> &str {
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_id = |word: &str| word.len() == 24 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    match path.strip_suffix('\'').filter(|rest| rest.rsplit('/').next().is_some_and(is_id)).unwrap_or(path) {
        "" => "/",
        path => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_prefixes_and_trailing_slashes_mean_nothing() {
        let cases = [
            ("/v3/p/leads", "/p/leads"),
            ("/v1/auth/signin", "/auth/signin"),
            ("/api/v2/p/leads/", "/p/leads"),
            ("/api/p/leads", "/p/leads"),
            ("/p/leads", "/p/leads"),
            ("/v34/leads", "/v34/leads"),
            ("/apis/leads", "/apis/leads"),
            ("/v3", "/"),
            ("/v3/", "/"),
            ("/v3/projects/62c3f10152dc7400352bab0d'", "/projects/62c3f10152dc7400352bab0d"),
            ("/v3/p/leads/1/tag/it's'", "/p/leads/1/tag/it's'"),
        ];
        for (path, expected) in cases {
            assert_eq!(canonical(version(path).1), expected, "{path}");
        }
    }
}
