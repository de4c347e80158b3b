//! `/llms.txt`: an index of the documents, the guides, and the operations, written for language models.

use serde_json::Value;
use tokio::sync::OnceCell;

use super::{Api, DocumentId, SERVER};
use crate::http::DocumentFn;

/// The guides for users of the server, in the order in which they build on each other.
const GUIDES: [(&str, &str); 17] = [
    ("getting-started.md", include_str!("../../../docs/getting-started.md")),
    ("configuration.md", include_str!("../../../docs/configuration.md")),
    ("worlds.md", include_str!("../../../docs/worlds.md")),
    ("sandboxes.md", include_str!("../../../docs/sandboxes.md")),
    ("time-and-determinism.md", include_str!("../../../docs/time-and-determinism.md")),
    ("faults.md", include_str!("../../../docs/faults.md")),
    ("journal-and-explanations.md", include_str!("../../../docs/journal-and-explanations.md")),
    ("coverage.md", include_str!("../../../docs/coverage.md")),
    ("webhooks.md", include_str!("../../../docs/webhooks.md")),
    ("realtime.md", include_str!("../../../docs/realtime.md")),
    ("openapi.md", include_str!("../../../docs/openapi.md")),
    ("javascript.md", include_str!("../../../docs/javascript.md")),
    ("python.md", include_str!("../../../docs/python.md")),
    ("rust.md", include_str!("../../../docs/rust.md")),
    ("containers.md", include_str!("../../../docs/containers.md")),
    ("supported.md", include_str!("../../../docs/supported.md")),
    ("deviations.md", include_str!("../../../docs/deviations.md")),
];

/// The text of a guide.
pub(super) fn guide(name: &str) -> Option<&'static str> {
    GUIDES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The index, with [`SERVER`] as the address of the server.
pub(super) async fn write(document: DocumentFn) -> &'static str {
    static INDEX: OnceCell<String> = OnceCell::const_new();
    let read = async |api| {
        let written = document(DocumentId { api, ..DocumentId::CONTRACT }).await;
        serde_json::from_slice(&written).expect("a document is JSON")
    };
    INDEX.get_or_init(|| async { index(&read(Api::V3).await, &read(Api::Control).await) }).await
}

fn index(v3: &Value, control: &Value) -> String {
    let mut text = format!(
        "# tiledesk-mock\n\n\
         > A stateful, in-memory fake of the Tiledesk REST API. Base URL: `{SERVER}/v3`. User of the default world: \
         `andrea.leo@f21.it`, password `123456`, by Basic authentication. Project: `5b55e806c93dde00143163dd`.\n\n\
         ## Documents\n\n\
         - [OpenAPI 3.1]({SERVER}/openapi.json): all operations with schemas and examples; large. `?spec=3.0` returns OpenAPI 3.0, \
         and `/openapi.yaml` YAML\n\
         - [OpenAPI, version 1]({SERVER}/v1/openapi.json): the first version of the API\n\
         - [OpenAPI, control API]({SERVER}/_control/openapi.json): state, sandboxes, clock, faults, webhooks, and journal of this server\n\
         - [Reference]({SERVER}/docs): the documents as pages for a browser\n\n\
         ## Guides\n\n"
    );
    for (name, guide) in GUIDES {
        let (title, about) = headline(guide);
        line(&mut text, &title, &format!("docs/guides/{name}"), &about);
    }
    let tags = v3["tags"].as_array().into_iter().flatten();
    for tag in tags {
        let name = tag["name"].as_str().unwrap_or_default();
        section(&mut text, name, tag["description"].as_str(), v3, |node| node["tags"][0] == name, "v3");
    }
    section(&mut text, "Control API", control["info"]["description"].as_str(), control, |_| true, "control");
    text
}

/// Appends the operations of a document that match, if there are any.
fn section(
    text: &mut String,
    title: &str,
    about: Option<&str>,
    document: &Value,
    matches: impl Fn(&Value) -> bool,
    slug: &str,
) {
    let items = document["paths"].as_object().into_iter().flatten();
    let nodes = items.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, node)| (path, method, node))
    });
    let mut nodes = nodes.filter(|(.., node)| node["operationId"].is_string() && matches(node)).peekable();
    if nodes.peek().is_none() {
        return;
    }
    *text += &format!("\n## {title}\n\n{}\n\n", about.unwrap_or_default());
    for (path, method, node) in nodes {
        let [summary, id] = ["summary", "operationId"].map(|key| node[key].as_str().unwrap_or_default());
        let tag = node["tags"][0].as_str().unwrap_or_default().to_lowercase().replace(' ', "-");
        let call = format!("`{} {path}`, `{id}`", method.to_uppercase());
        line(text, summary, &format!("docs?api={slug}#{slug}/tag/{tag}/{id}"), &call);
    }
}

/// Appends a link to a page of this server.
fn line(text: &mut String, title: &str, path: &str, about: &str) {
    *text += &format!("- [{title}]({SERVER}/{path}): {about}\n");
}

/// The title of a Markdown page, and its first paragraph on one line.
fn headline(page: &str) -> (String, String) {
    let mut parts = page.split("\n\n");
    let title = parts.next().unwrap_or_default().trim_start_matches('#').trim().to_owned();
    (title, parts.next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "))
}
