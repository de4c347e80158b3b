//! The console: a page that shows a sandbox and controls it through the control API. Its files are embedded as they are.

use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::http::Page;

/// The page's HTML and everything it loads.
static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/console/page");

/// The file with the HTML.
const HTML: &str = "index.html";

/// The console, if its files were there when the program was built.
pub(crate) fn page() -> Option<Page> {
    let html = FILES.get_file(HTML)?.contents_utf8()?;
    let mut files = Vec::new();
    collect(&FILES, &mut files);
    Some(Page { html, files: files.into_iter().collect() })
}

fn collect(folder: &Dir<'static>, files: &mut Vec<(&'static str, &'static [u8])>) {
    let named = folder.files().filter(|file| file.path() != Path::new(HTML));
    files.extend(named.filter_map(|file| Some((file.path().to_str()?, file.contents()))));
    folder.dirs().for_each(|inner| collect(inner, files));
}
