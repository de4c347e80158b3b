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
    request.headers().get(header::HOST)?.to_str().ok()
}

/// Selects the sandbox of a call.
static SANDBOX: HeaderName = HeaderName::from_static("x-sandbox");

const LOCALHOST: &str = ".localhost";

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
    (host.and_then(subdomain).map(str::to_owned), path)
}

/// The subdomain of a host below `localhost`.
fn subdomain(host: &str) -> Option<&str> {
    let (name, domain) = host.split_at_checked(host.len().checked_sub(LOCALHOST.len())?)?;
    domain.eq_ignore_ascii_case(LOCALHOST).then_some(name)
}
