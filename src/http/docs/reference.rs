//! The browsable reference: a page around the vendored Scalar component, served or as a static site.

use std::{io::Read, sync::LazyLock};

use bytes::Bytes;
use poem::{Request, Response};

use super::Api;
use crate::http::asset::Asset;

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");
/// Scalar as published on npm, with its license next to it.
#[cfg(feature = "docs-ui")]
static COMPONENT: &[u8] = include_bytes!("scalar/scalar-1.76.0.js.br");
#[cfg(not(feature = "docs-ui"))]
static COMPONENT: &[u8] = &[];

/// The prefilled login and project, from the default world.
const SAMPLES: &str =
    r#"data-email="andrea.leo@f21.it" data-password="123456" data-project="5b55e806c93dde00143163dd""#;

/// A script that the page loads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Script {
    Component,
    Page,
}

impl Script {
    pub(super) const ALL: [Self; 2] = [Self::Component, Self::Page];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Component => "scalar.js",
            Self::Page => "page.js",
        }
    }

    fn content(self) -> Bytes {
        match self {
            Self::Component => unpacked(),
            Self::Page => SCRIPT.into(),
        }
    }

    pub(super) fn answer(self, request: &Request) -> Response {
        static ASSETS: LazyLock<[Asset; 2]> =
            LazyLock::new(|| [Asset::of_brotli(COMPONENT), Asset::of(SCRIPT.as_bytes())]);
        ASSETS[self as usize].answer(request, "text/javascript; charset=utf-8", || self.content())
    }
}

fn unpacked() -> Bytes {
    let mut script = Vec::new();
    let read = brotli_decompressor::Decompressor::new(COMPONENT, 1 << 16).read_to_end(&mut script);
    read.expect("the component is valid brotli, as tests show");
    script.into()
}

/// The page at a path, which shows the documents of this server.
pub(super) fn page(api: Api, path: &str, has_control: bool) -> String {
    let up = "../".repeat(path.matches('/').count() - 1);
    let control = if has_control { format!(r#" data-control="{up}openapi.json?api=control""#) } else { String::new() };
    let settings = format!(
        r#"data-api="{}" data-v3="{up}openapi.json" data-v1="{up}openapi.json?api=v1"{control} {SAMPLES}"#,
        api.name()
    );
    filled(&format!("{up}docs/"), &format!("{up}openapi.json"), &settings)
}

fn filled(scripts: &str, document: &str, settings: &str) -> String {
    PAGE.replace("{scripts}", scripts).replace("{document}", document).replace("{settings}", settings)
}

/// The reference as a static site: file names with their contents. It contains these documents, and shows one of them
/// first.
#[cfg(feature = "docs-ui")]
pub(crate) fn site(first: Api, documents: impl IntoIterator<Item = (Api, Bytes)>) -> Vec<(String, Bytes)> {
    let file = |api: Api| format!("{}.json", api.name());
    let mut files: Vec<_> = documents.into_iter().map(|(api, document)| (file(api), document)).collect();
    let settings = [Api::V3, Api::V1, Api::Control].map(|api| format!(r#"data-{}="{}""#, api.name(), file(api)));
    let settings = format!(r#"data-api="{}" {}"#, first.name(), settings.join(" "));
    files.push(("index.html".to_owned(), filled("", &file(Api::V3), &settings).into()));
    files.extend(Script::ALL.map(|script| (script.name().to_owned(), script.content())));
    files.push(("scalar.LICENSE.txt".to_owned(), Bytes::from_static(include_bytes!("scalar/LICENSE.txt"))));
    files
}
