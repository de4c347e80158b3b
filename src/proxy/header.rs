//! The headers of forwarded messages (RFC 9110, section 7.6; RFC 7239).

use std::net::IpAddr;

use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{self, Entry},
};

/// Headers that concern a single connection, whether or not `Connection` lists them.
static OF_CONNECTION: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The origin of a call.
pub(super) struct Origin {
    pub(super) peer: IpAddr,
    pub(super) scheme: &'static str,
    pub(super) version: Version,
}

/// Removes the headers that concern only the connection that a message arrived on.
pub(super) fn strip(headers: &mut HeaderMap) {
    if headers.contains_key(header::CONNECTION) {
        let values = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
        let listed = values.flat_map(|value| value.split(',')).map(str::trim);
        // Content-Length and Host describe the message; a sender that lists them would change its meaning.
        let is_listed = |name: &HeaderName| ![header::CONTENT_LENGTH, header::HOST].contains(name);
        let listed = listed.filter_map(|name| name.parse::<HeaderName>().ok()).filter(is_listed);
        for name in listed.collect::<Vec<_>>() {
            headers.remove(name);
        }
    }
    for name in &OF_CONNECTION {
        headers.remove(name);
    }
}

/// Whether the sender accepts trailers.
pub(super) fn accepts_trailers(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::TE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
}

/// Accepts trailers.
pub(super) fn accept_trailers(headers: &mut HeaderMap) {
    headers.insert(header::TE, HeaderValue::from_static("trailers"));
    headers.append(header::CONNECTION, HeaderValue::from_static("TE"));
}

/// A transfer coding other than `chunked`. It applies to a single connection, so the body could not be forwarded.
pub(super) fn unsupported_coding(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::TRANSFER_ENCODING).iter();
    let codings = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let mut others = codings.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"chunked"));
    others.next().map(|coding| String::from_utf8_lossy(coding).into_owned())
}

/// The protocol that a message asks to switch to, or switches to.
pub(super) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let values = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let is_listed = values.flat_map(|value| value.split(',')).any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
    // Other protocols would be an unobserved tunnel.
    let protocol = headers.get(header::UPGRADE).filter(|_| is_listed)?;
    protocol.as_bytes().eq_ignore_ascii_case(b"websocket").then(|| protocol.clone())
}

/// Adds the headers of a protocol switch.
pub(super) fn switch(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, protocol);
}

/// Addresses a request to the upstream, and adds its origin.
pub(super) fn address(headers: &mut HeaderMap, upstream: &HeaderValue, origin: &Origin) {
    let host = headers.insert(header::HOST, upstream.clone());
    // The server has already responded to it.
    headers.remove(header::EXPECT);
    join_cookies(headers);
    let peer = origin.peer.to_canonical();
    append(headers, HeaderName::from_static("x-forwarded-for"), &peer.to_string());
    if let Entry::Vacant(first) = headers.entry("x-forwarded-proto") {
        first.insert(HeaderValue::from_static(origin.scheme));
    }
    if let (Entry::Vacant(first), Some(host)) = (headers.entry("x-forwarded-host"), &host) {
        first.insert(host.clone());
    }
    let node = if peer.is_ipv6() { format!("\"[{peer}]\"") } else { peer.to_string() };
    let host = host.as_ref().and_then(|host| host.to_str().ok()).filter(|host| !host.contains(['"', '\\']));
    let host = host.map(|host| format!("host=\"{host}\";")).unwrap_or_default();
    append(headers, header::FORWARDED, &format!("for={node};{host}proto={}", origin.scheme));
    let version = match origin.version {
        Version::HTTP_2 => "2",
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    };
    append(headers, header::VIA, &format!("{version} tiledesk-mock"));
}

/// Appends an element to a header that is a list.
fn append(headers: &mut HeaderMap, name: HeaderName, element: &str) {
    let earlier = headers.get_all(&name).iter().filter_map(|value| value.to_str().ok());
    let all = earlier.chain([element]).collect::<Vec<_>>().join(", ");
    if let Ok(all) = HeaderValue::try_from(all) {
        headers.insert(name, all);
    }
}

/// Joins the cookies that HTTP/2 may split (RFC 9113, section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut all = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let (Some(first), Some(second)) = (all.next(), all.next()) else { return };
    let joined = all.fold([first, second].join(&b"; "[..]), |joined, cookie| [&joined, cookie].join(&b"; "[..]));
    if let Ok(joined) = HeaderValue::from_bytes(&joined) {
        headers.insert(header::COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn headers_of_the_connection_are_removed_with_those_that_it_lists() {
        let mut headers = map(&[
            ("connection", "close, X-Own"),
            ("connection", "x-other, content-length, host"),
            ("x-own", "1"),
            ("x-other", "2"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("trailer", "x-sum"),
            ("transfer-encoding", "chunked"),
            ("proxy-authorization", "Basic YTpi"),
            ("content-length", "5"),
            ("host", "a"),
            ("x-end-to-end", "3"),
        ]);
        strip(&mut headers);
        let expected = [("trailer", "x-sum"), ("content-length", "5"), ("host", "a"), ("x-end-to-end", "3")];
        assert_eq!(headers, map(&expected));
    }

    #[test]
    fn trailers_are_accepted_only_if_the_client_accepts_them() {
        for (te, expected) in [("trailers", true), ("deflate;q=0.5, Trailers", true), ("deflate", false), ("", false)] {
            assert_eq!(accepts_trailers(&map(&[("te", te)])), expected, "{te}");
        }
    }

    #[test]
    fn only_chunks_are_a_supported_transfer_coding() {
        for (value, expected) in [
            ("chunked", None),
            ("Chunked", None),
            ("gzip, chunked", Some("gzip")),
            ("chunked,deflate", Some("deflate")),
        ] {
            assert_eq!(unsupported_coding(&map(&[("transfer-encoding", value)])).as_deref(), expected, "{value}");
        }
        assert_eq!(unsupported_coding(&map(&[("content-encoding", "gzip")])), None);
    }

    #[test]
    fn a_protocol_counts_only_if_the_connection_lists_it() {
        assert_eq!(upgrade(&map(&[("upgrade", "websocket")])), None);
        assert_eq!(upgrade(&map(&[("upgrade", "websocket"), ("connection", "close")])), None);
        let listed = upgrade(&map(&[("upgrade", "websocket"), ("connection", "keep-alive, UPGRADE")]));
        assert_eq!(listed, Some(HeaderValue::from_static("websocket")));
        assert_eq!(
            upgrade(&map(&[("upgrade", "h2c"), ("connection", "upgrade")])),
            None,
            "other protocols are no calls"
        );
    }

    #[test]
    fn the_upstream_learns_where_a_request_came_from() {
        let origin =
            |peer: &str, scheme| Origin { peer: peer.parse().expect("an address"), scheme, version: Version::HTTP_11 };
        let upstream = HeaderValue::from_static("up.example");
        let mut headers =
            map(&[("host", "mock:4010"), ("expect", "100-continue"), ("cookie", "a=1"), ("cookie", "b=2")]);
        address(&mut headers, &upstream, &origin("10.0.0.7", "https"));
        let expected = map(&[
            ("host", "up.example"),
            ("cookie", "a=1; b=2"),
            ("x-forwarded-for", "10.0.0.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "mock:4010"),
            ("forwarded", "for=10.0.0.7;host=\"mock:4010\";proto=https"),
            ("via", "1.1 tiledesk-mock"),
        ]);
        assert_eq!(headers, expected);
        address(&mut headers, &upstream, &origin("::1", "http"));
        assert_eq!(headers["x-forwarded-for"], "10.0.0.7, ::1");
        assert_eq!(headers["x-forwarded-proto"], "https", "the first proxy knows it");
        assert_eq!(headers["x-forwarded-host"], "mock:4010");
        assert!(
            headers["forwarded"]
                .to_str()
                .is_ok_and(|all| all.ends_with(", for=\"[::1]\";host=\"up.example\";proto=http"))
        );
        assert_eq!(headers["via"], "1.1 tiledesk-mock, 1.1 tiledesk-mock");
    }
}
