//! The pages of the server itself: the start page, the reference, the documents, guides, and an index of them. They load
//! nothing from other hosts.

mod document;
mod index;
mod reference;

use bytes::Bytes;
use poem::{
    IntoResponse, Request, Response,
    error::ResponseError,
    http::{HeaderValue, StatusCode, header},
    web::Html,
};

pub(crate) use self::document::{Api, DocumentId, SERVER};
use self::reference::Script;
#[cfg(feature = "docs-ui")]
pub(crate) use self::reference::site;
use super::{App, Format, asset::Asset, authority::authority, health, peer::is_secure};

/// Allows the pages their own scripts and nothing else. The component brings inline styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TEXT: &str = "text/plain; charset=utf-8";
const MARKDOWN: &str = "text/markdown; charset=utf-8";

/// A read-only page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Page {
    Start,
    Health,
    Icon,
    /// The reference, which shows this document first.
    Reference(Api),
    Script(Script),
    Document(Api, Format),
    /// The index for language models.
    Index,
    /// A guide, in Markdown.
    Guide(&'static str),
}

impl Page {
    /// The page at a path without a sandbox. Without the feature `docs-ui`, only pages for programs exist.
    pub(super) fn at(path: &str) -> Option<Self> {
        let is_served =
            |page: &Self| cfg!(feature = "docs-ui") || matches!(page, Self::Health | Self::Icon | Self::Document(..));
        Self::named(path).filter(is_served)
    }

    /// The page with a path. Version prefixes and `/_control` have the reference and documents of their
    /// own API.
    fn named(path: &str) -> Option<Self> {
        let trimmed = path.strip_suffix('/').filter(|path| path.ends_with("/docs")).unwrap_or(path);
        // Faster than a search for a character: names are short.
        let end = trimmed.bytes().rposition(|byte| byte == b'/')?;
        let (folder, name) = (&trimmed[..end], &trimmed[end + 1..]);
        let page: fn(Api) -> Self = match name {
            "docs" => Self::Reference,
            "openapi.json" => |api| Self::Document(api, Format::Json),
            "openapi.yaml" => |api| Self::Document(api, Format::Yaml),
            _ => {
                return match (folder, name) {
                    ("", "") => Some(Self::Start),
                    ("", "healthz") => Some(Self::Health),
                    ("", "favicon.ico") => Some(Self::Icon),
                    ("", "llms.txt") => Some(Self::Index),
                    ("/docs", _) => Script::ALL.into_iter().find(|script| script.name() == name).map(Self::Script),
                    ("/docs/guides", _) => index::guide(name).map(Self::Guide),
                    _ => None,
                };
            }
        };
        Api::below(folder).map(page)
    }
}

/// The start page, without what needs the control API if that is disabled.
fn start(control: bool) -> String {
    let page = include_str!("../start.html");
    let (before, rest) = page.split_once("      <!-- control -->\n").expect("the part begins");
    let (part, after) = rest.split_once("      <!-- end -->\n").expect("the part ends");
    [before, if control { part } else { "" }, after].concat()
}

/// Responds with a page at a path below `outer`, which selects the sandbox.
pub(super) async fn answer(app: &App, page: Page, outer: &str, path: &str, request: &Request) -> Response {
    let server = || address(request, outer);
    let query = request.uri().query();
    match page {
        Page::Start => html(start(!app.gate.is_closed())),
        Page::Health => health::response(&app.world, &app.instance, query),
        // Browsers request it; an unknown path would be recorded in the journal.
        Page::Icon => StatusCode::NO_CONTENT.into_response(),
        Page::Reference(api) => html(reference::page(api, path, !app.gate.is_closed())),
        Page::Script(script) => script.answer(request),
        Page::Document(api, format) => {
            let asked = document::asked(api, format, query);
            // A disabled control API has no document.
            let closed = |id: &DocumentId| app.gate.closed().filter(|_| id.api == Api::Control);
            match asked.and_then(|id| closed(&id).map_or(Ok(id), Err)) {
                Ok(id) => document::answer(request, id, server() + id.api.base(path), app.document).await,
                Err(problem) => problem.as_response(),
            }
        }
        Page::Index => {
            let text = index::write(app.document).await.replace(SERVER, &server());
            Asset::of(text.as_bytes()).answer(request, TEXT, || text.into())
        }
        Page::Guide(text) => {
            Asset::of(text.as_bytes()).answer(request, MARKDOWN, || Bytes::from_static(text.as_bytes()))
        }
    }
}

fn html(page: String) -> Response {
    Html(page).with_header(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)).into_response()
}

/// The address of this server as the caller sees it, including the path that selects a sandbox. Without a valid host, the
/// path only.
fn address(request: &Request, outer: &str) -> String {
    let host = authority(request).filter(|host| !host.contains('@'));
    let host = host.and_then(|host| host.parse::<poem::http::uri::Authority>().ok());
    let scheme = if is_secure(request) { "https" } else { "http" };
    host.map_or_else(|| outer.to_owned(), |host| format!("{scheme}://{host}{outer}"))
}

/// The response at the root of each API version, where clients check that the server is up.
pub(super) fn root() -> Response {
    Html("Hello from Tiledesk server. It's UP. See the documentation here http://developer.tiledesk.com")
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_below_the_prefixes_of_their_api() {
        for (path, page) in [
            ("/", Some(Page::Start)),
            ("/docs", Some(Page::Reference(Api::V3))),
            ("/docs/", Some(Page::Reference(Api::V3))),
            ("/v1/docs", Some(Page::Reference(Api::V1))),
            ("/api/v2/docs", Some(Page::Reference(Api::V3))),
            ("/_control/docs/", Some(Page::Reference(Api::Control))),
            ("/openapi.json", Some(Page::Document(Api::V3, Format::Json))),
            ("/api/v1/openapi.yaml", Some(Page::Document(Api::V1, Format::Yaml))),
            ("/_control/openapi.json", Some(Page::Document(Api::Control, Format::Json))),
            ("/v1", None),
            ("/v4/docs", None),
            ("/v3/5b55e806c93dde00143163dd/docs", None),
            ("/docs/nothing.js", None),
            ("/docs/guides/nothing.md", None),
            ("/_controls/openapi.json", None),
        ] {
            assert_eq!(Page::at(path), page, "{path}");
        }
    }
}
