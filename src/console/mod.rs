//! The console: a page that shows a sandbox and controls it through the control API. Its files are embedded unchanged.

#[cfg(feature = "docs-ui")]
use std::borrow::Cow;
use std::sync::LazyLock;

#[cfg(feature = "docs-ui")]
use bytes::Bytes;
#[cfg(feature = "docs-ui")]
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::Page;

/// The page's HTML and everything it loads.
#[cfg(feature = "docs-ui")]
#[derive(RustEmbed)]
#[folder = "src/console/page"]
struct PageFiles;

/// The file with the HTML.
#[cfg(feature = "docs-ui")]
const HTML: &str = "index.html";

/// The console. Its files are compressed on first use.
pub(crate) fn page() -> &'static Page {
    static PAGE: LazyLock<Page> = LazyLock::new(read);
    &PAGE
}

#[cfg(not(feature = "docs-ui"))]
fn read() -> Page {
    Page { html: String::new(), files: std::iter::empty().collect() }
}

#[cfg(feature = "docs-ui")]
fn read() -> Page {
    let bytes = |file: EmbeddedFile| match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    };
    let html = PageFiles::get(HTML).map(bytes).unwrap_or_default();
    let files = PageFiles::iter().filter(|path| path != HTML);
    let files = files.filter_map(|path| Some((path.to_string(), PageFiles::get(&path).map(bytes)?)));
    Page { html: String::from_utf8_lossy(&html).into_owned(), files: files.collect() }
}
