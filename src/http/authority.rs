//! The host and the sandbox that a call is for.

use poem::{
    Request,
    http::{HeaderName, HeaderValue, header},
};

/// Makes `Host` the authority of the call. HTTP/2 names it in `:authority`, and proxies in the target; both come before a
/// header of that name.
pub(super) fn settle(request: &mut Request) {
    let Some(authority) = request.uri().authority() else { return };
    let authority = authority.as_str();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Ok(host) = HeaderValue::from_str(authority) {
        request.headers_mut().insert(header::HOST, host);
    }
}

/// The host and, unless it is that of the scheme, the port for which a settled call came. Nothing where a client sent none.
pub(super) fn authority(request: &Request) -> Option<&str> {
    request.header(header::HOST)
}

/// Names the sandbox of a call.
static SANDBOX: HeaderName = HeaderName::from_static("x-sandbox");

/// The sandbox that a call names by path, by header or by host, and the path without it.
pub(super) fn sandbox_and_path<'a>(request: &Request, path: &'a str) -> (Option<String>, &'a str) {
    if let Some(rest) = path.strip_prefix("/_sandbox/") {
        let (name, path) = rest.find('/').map_or((rest, "/"), |end| rest.split_at(end));
        return (Some(name.to_owned()), path);
    }
    let by_host = || authority(request)?.split(':').next()?.strip_suffix(".localhost");
    (request.header(&SANDBOX).or_else(by_host).map(str::to_owned), path)
}
