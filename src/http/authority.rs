//! The host and the sandbox that a call selects.

use poem::{
    Request,
    http::{HeaderName, HeaderValue, header},
};

/// Sets `Host` to the authority of the call. HTTP/2 sends it as `:authority` and proxy requests in the target; both
/// take precedence over the header.
pub(crate) fn settle(request: &mut Request) {
    let Some(authority) = request.uri().authority() else { return };
    let authority = authority.as_str();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Ok(host) = HeaderValue::from_str(authority) {
        request.headers_mut().insert(header::HOST, host);
    }
}

/// The host of a settled call, with the port unless it is the scheme's default. `None` if the client sent neither.
pub(super) fn authority(request: &Request) -> Option<&str> {
    request.header(header::HOST)
}

/// Selects the sandbox of a call.
static SANDBOX: HeaderName = HeaderName::from_static("x-sandbox");

/// The sandbox that a call selects by path, header, or host, and the path without it.
pub(crate) fn sandbox_and_path<'a>(request: &Request, path: &'a str) -> (Option<String>, &'a str) {
    if let Some(rest) = path.strip_prefix("/_sandbox/") {
        let (name, path) = rest.find('/').map_or((rest, "/"), |end| rest.split_at(end));
        return (Some(name.to_owned()), path);
    }
    if let Some(name) = request.headers().get(&SANDBOX) {
        return (Some(String::from_utf8_lossy(name.as_bytes()).into_owned()), path);
    }
    let host = authority(request).and_then(|host| host.split(':').next());
    let by_host =
        host.and_then(|host| host.rsplit_once('.')).filter(|(_, domain)| domain.eq_ignore_ascii_case("localhost"));
    (by_host.map(|(name, _)| name.to_owned()), path)
}
