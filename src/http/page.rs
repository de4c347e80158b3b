//! Pages of the server that call the control API. Each contains the page token, which proves to the control API that a
//! call comes from such a page.

use std::collections::BTreeMap;

use bytes::Bytes;
use poem::{
    IntoResponse, Request, Response,
    http::{HeaderName, Method, StatusCode, header},
};

use super::asset::Asset;
use crate::value::primitive::Secret;

/// The header in which pages send their token.
pub(super) const HEADER: &str = "x-page-token";

/// The placeholder for the token.
const PLACEHOLDER: &str = "__PAGE_TOKEN__";

/// Number of random bytes in a token.
const LENGTH: usize = 16;

/// Allows a page its own files and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The token of this process's pages. Unlike everything else, it is random: it must not follow from the seed.
pub(crate) fn token() -> Secret {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the system has a source of randomness");
    Secret::new(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// A page and the files that it loads.
pub(crate) struct Page {
    /// The HTML, with a placeholder for the token.
    pub(crate) html: String,
    pub(crate) files: Files,
}

/// Embedded files by path.
#[derive(Default)]
pub(crate) struct Files(BTreeMap<String, File>);

/// An embedded file.
struct File {
    content_type: &'static str,
    plain: Bytes,
    asset: Asset,
}

impl FromIterator<(String, Bytes)> for Files {
    fn from_iter<I: IntoIterator<Item = (String, Bytes)>>(files: I) -> Self {
        let file = |(path, plain): (String, Bytes)| {
            let file = File { content_type: content_type(&path), asset: Asset::of(&plain), plain };
            (path, file)
        };
        Self(files.into_iter().map(file).collect())
    }
}

impl File {
    fn answer(&self, request: &Request) -> Response {
        let response = self.asset.answer(request, self.content_type, || self.plain.clone());
        response.with_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff").into_response()
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

impl Page {
    /// The response to a call of the page at `path`, or of a file below it. `None` if there is no such file.
    pub(super) fn answer(&self, request: &Request, path: &str, token: &Secret) -> Option<Response> {
        match path {
            "" => Some(self.html(token)),
            // The page's files are relative to its path without a trailing slash.
            "/" => Some(
                Response::builder()
                    .status(StatusCode::PERMANENT_REDIRECT)
                    .header(header::LOCATION, "../_console")
                    .finish(),
            ),
            _ => self.files.0.get(path.strip_prefix('/')?).map(|file| file.answer(request)),
        }
    }

    fn html(&self, token: &Secret) -> Response {
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, POLICY)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(header::REFERRER_POLICY, "no-referrer")
            // Otherwise a page that opens this one in a window could read the token from it.
            .header("cross-origin-opener-policy", "same-origin")
            .body(self.html.replace(PLACEHOLDER, token.reveal()))
    }
}

static FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Whether a script in a browser makes the request.
pub(super) fn is_from_script(request: &Request) -> bool {
    request.headers().get(&FETCH_MODE).is_some_and(|mode| mode != "navigate")
}

/// Whether a script or an embedding page, not a navigating user, makes the request. Scripts must not read the token.
pub(super) fn is_loaded_by_script(request: &Request) -> bool {
    let is_other = |name: &str, expected: &str| request.header(name).is_some_and(|value| value != expected);
    is_other("sec-fetch-mode", "navigate") || is_other("sec-fetch-dest", "document")
}

/// Whether a page in a browser may have made the request, other than by navigation: browsers send `Origin` or fetch
/// metadata with requests of scripts, forms, and embedded resources. Some other clients send `Sec-Fetch-Mode`, but not
/// `Sec-Fetch-Site`.
pub(super) fn is_by_page(request: &Request) -> bool {
    let is_followed = request.header("sec-fetch-mode") == Some("navigate") && request.method() == Method::GET;
    let is_fetched = request.header("sec-fetch-site").is_some_and(|site| site != "none");
    request.header(header::ORIGIN).is_some() || is_fetched && !is_followed
}

/// Whether a call has the token.
pub(super) fn has_token(request: &Request, token: &Secret) -> bool {
    request.header(HEADER).is_some_and(|given| token.is(given))
}
