//! The browsable reference: a page around the vendored RapiDoc component. It loads nothing from the network.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
    sync::LazyLock,
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use poem::{
    Body, IntoResponse, Request, Response,
    http::{StatusCode, header},
    web::Html,
};

/// The page expects the document and the component next to it.
const PAGE: &str = include_str!("docs.html");

/// Allows the page its own script and nothing else. The component brings inline styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file that never changes while the server runs, ready to send.
struct Asset {
    plain: Bytes,
    gzip: Bytes,
    tag: String,
}

impl Asset {
    fn new(text: String) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text.as_bytes()).expect("writing to a Vec succeeds");
        let gzip = gzip.finish().expect("writing to a Vec succeeds").into();
        Self { plain: text.into(), gzip, tag: format!("\"{:016x}\"", hasher.finish()) }
    }

    fn answer(&self, request: &Request, content_type: &str) -> Response {
        let builder = Response::builder().header(header::ETAG, &self.tag).header(header::VARY, "Accept-Encoding");
        if request.header(header::IF_NONE_MATCH) == Some(&self.tag) {
            return builder.status(StatusCode::NOT_MODIFIED).finish();
        }
        let builder = builder.content_type(content_type);
        if request.header(header::ACCEPT_ENCODING).is_some_and(|accepted| accepted.contains("gzip")) {
            return builder.header(header::CONTENT_ENCODING, "gzip").body(self.gzip.clone());
        }
        builder.body(self.plain.clone())
    }
}

/// Whether a path is a read-only page of the server itself.
pub(super) fn is_page(path: &str) -> bool {
    let is_below =
        |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    matches!(path, "/" | "/favicon.ico" | "/healthz" | "/openapi.json" | "/openapi.yaml") || is_below("/docs")
}

/// The page at a path, if there is one.
pub(super) fn answer(request: &Request, path: &str) -> Option<Response> {
    match path {
        "/docs" | "/docs/" => Some(Html(PAGE).with_header(header::CONTENT_SECURITY_POLICY, POLICY).into_response()),
        "/docs/rapidoc.js" => {
            static SCRIPT: LazyLock<Asset> = LazyLock::new(|| Asset::new(COMPONENT.to_owned()));
            Some(SCRIPT.answer(request, "text/javascript; charset=utf-8"))
        }
        "/docs/page.js" => {
            static SCRIPT: LazyLock<Asset> = LazyLock::new(|| Asset::new(include_str!("docs.js").to_owned()));
            Some(SCRIPT.answer(request, "text/javascript; charset=utf-8"))
        }
        // Browsers ask for it. As an unknown path it would be in the journal.
        "/favicon.ico" => Some(StatusCode::NO_CONTENT.into_response()),
        _ => None,
    }
}

/// The start page: links, and a login and project of the default world.
pub(super) fn start() -> Response {
    Html(include_str!("start.html")).with_header(header::CONTENT_SECURITY_POLICY, POLICY).into_response()
}

/// The response at the root of each API version, where clients check that the server is up.
pub(super) fn root() -> Response {
    Html("Hello from Tiledesk server. It's UP. See the documentation here http://developer.tiledesk.com")
        .into_response()
}

/// An exported document.
pub(super) fn document(document: Bytes, content_type: &str) -> Response {
    Response::builder().content_type(content_type).body(Body::from(document))
}

/// The component's script: RapiDoc 9.3.4 as published on npm, with its license next to it.
const COMPONENT: &str = include_str!("rapidoc/rapidoc-9.3.4.min.js");
