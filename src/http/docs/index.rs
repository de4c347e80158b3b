//! `/llms.txt`: an index of the documents, the guides, and the operations, written for language models.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::{Api, DocumentId, SERVER};
use crate::http::DocumentFn;

/// The guides for users of the server, in reading order.
#[cfg(feature = "docs-ui")]
const GUIDES: &[(&str, &str)] = &[
    ("getting-started.md", include_str!("../../../docs/getting-started.md")),
    ("configuration.md", include_str!("../../../docs/configuration.md")),
    ("worlds.md", include_str!("../../../docs/worlds.md")),
    ("sandboxes.md", include_str!("../../../docs/sandboxes.md")),
    ("console.md", include_str!("../../../docs/console.md")),
    ("time-and-determinism.md", include_str!("../../../docs/time-and-determinism.md")),
    ("faults.md", include_str!("../../../docs/faults.md")),
    ("journal-and-explanations.md", include_str!("../../../docs/journal-and-explanations.md")),
    ("coverage.md", include_str!("../../../docs/coverage.md")),
    ("contract-testing.md", include_str!("../../../docs/contract-testing.md")),
    ("proxy.md", include_str!("../../../docs/proxy.md")),
    ("webhooks.md", include_str!("../../../docs/webhooks.md")),
    ("realtime.md", include_str!("../../../docs/realtime.md")),
    ("openapi.md", include_str!("../../../docs/openapi.md")),
    ("javascript.md", include_str!("../../../docs/javascript.md")),
    ("python.md", include_str!("../../../docs/python.md")),
    ("rust.md", include_str!("../../../docs/rust.md")),
    ("containers.md", include_str!("../../../docs/containers.md")),
    ("supported.md", include_str!("../../../docs/supported.md")),
    ("parity.md", include_str!("../../../docs/parity.md")),
    ("deviations.md", include_str!("../../../docs/deviations.md")),
];
#[cfg(not(feature = "docs-ui"))]
const GUIDES: &[(&str, &str)] = &[];

/// The text of a guide.
pub(super) fn guide(name: &str) -> Option<&'static str> {
    GUIDES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The index, with [`SERVER`] as the address of the server.
pub(super) async fn write(document: DocumentFn) -> &'static str {
    static INDEX: OnceCell<String> = OnceCell::const_new();
    let write = || async { index(&read(document, Api::V3).await, &read(document, Api::Control).await) };
    INDEX.get_or_init(write).await
}

async fn read(document: DocumentFn, api: Api) -> Value {
    let written = document(DocumentId { api, ..DocumentId::CONTRACT }).await;
    serde_json::from_slice(&written).expect("a document is JSON")
}

fn index(v3: &Value, control: &Value) -> String {
    let about = format!(
        "> A stateful, in-memory fake of the Tiledesk REST API. Base URL: `{SERVER}/v3`. User of the default world: \
         `andrea.leo@f21.it`, password `123456`, by Basic authentication. Project: `5b55e806c93dde00143163dd`."
    );
    let mut lines = ["# tiledesk-mock", "", &about, "", "## Documents", ""].map(str::to_owned).to_vec();
    for (title, path, about) in [
        (
            "OpenAPI 3.1",
            "openapi.json",
            "all operations with schemas and examples, large; `?spec=3.0` returns OpenAPI 3.0",
        ),
        ("OpenAPI 3.1 as YAML", "openapi.yaml", "the same document"),
        ("OpenAPI 3.1 of version 1", "v1/openapi.json", "the first version of the API"),
        ("OpenAPI 3.1 of the control API", "_control/openapi.json", "the API that controls this server"),
        ("Reference", "docs", "the documents as pages for browsers"),
    ] {
        lines.push(link(title, path, about));
    }
    lines.extend(["", "## Guides", ""].map(str::to_owned));
    for (name, guide) in GUIDES {
        let (title, about) = headline(guide);
        lines.push(link(&title, &format!("docs/guides/{name}"), &about));
    }
    let operations = operations(v3, Api::V3);
    for tag in v3["tags"].as_array().into_iter().flatten() {
        let (name, about) = (tag["name"].as_str().unwrap_or_default(), tag["description"].as_str().unwrap_or_default());
        let below: Vec<_> = operations.iter().filter(|(tag, _)| *tag == name).map(|(_, line)| line.clone()).collect();
        if !below.is_empty() {
            lines.extend(["", &format!("## {name}"), "", about, ""].map(str::to_owned));
            lines.extend(below);
        }
    }
    let about = control["info"]["description"].as_str().unwrap_or_default();
    lines.extend(["", "## Control API", "", about, ""].map(str::to_owned));
    lines.extend(self::operations(control, Api::Control).into_iter().map(|(_, line)| line));
    lines.join("\n") + "\n"
}

/// The operations of a document: their tags, and their lines.
fn operations(document: &Value, api: Api) -> Vec<(&str, String)> {
    let api = api.name();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, node) in item.as_object().into_iter().flatten() {
            let [summary, id, tag] = [&node["summary"], &node["operationId"], &node["tags"][0]]
                .map(|text| text.as_str().unwrap_or_default());
            let place = format!("docs?api={api}#{api}/tag/{}/{id}", tag.to_lowercase().replace(' ', "-"));
            operations.push((tag, link(summary, &place, &format!("`{} {path}`, `{id}`", method.to_uppercase()))));
        }
    }
    operations
}

/// A link to a page of this server.
fn link(title: &str, path: &str, about: &str) -> String {
    format!("- [{title}]({SERVER}/{path}): {about}")
}

/// The title of a Markdown page, and its first paragraph as one line without links, which are relative to the page.
fn headline(page: &str) -> (String, String) {
    static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[([^\]]*)\]\([^)]*\)").expect("a valid expression"));
    let mut parts = page.split("\n\n");
    let title = parts.next().unwrap_or_default().trim_start_matches('#').trim().to_owned();
    let about = parts.next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    (title, LINK.replace_all(&about, "$1").into_owned())
}
