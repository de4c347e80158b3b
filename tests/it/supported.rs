//! `docs/supported.md`: which operations and events are documented, seeded, and tested.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde_json::Value;
use tiledesk_mock::{exchanges, fixtures, openapi};

use crate::support::assert_file;

const HEAD: &str = "# Supported API

Generated from the code; checked by a test. Every operation listed here is implemented; four operations that are not in the
exported document return 501 (see [deviations](deviations.md)). The columns say where else it shows up:

- **Documented:** the public documentation describes it. The others are undocumented, but real clients call them.
- **Examples:** recorded or documented exchanges, each of which is executed and compared in the tests. All of them are in the
  exported documents, except where the documentation misprints the request.
- **Seeded:** the default world has documents of the resource.

";

/// The collections of the default world that have documents.
fn seeded() -> BTreeSet<String> {
    let world: Value = serde_json::from_str(&fixtures::dump(None).expect("the default world is valid")).expect("JSON");
    let collections = world.as_object().expect("collections").iter();
    collections
        .filter(|(_, all)| all.as_array().is_some_and(|all| !all.is_empty()))
        .map(|(name, _)| name.clone())
        .collect()
}

/// The collection behind a section of the reference.
fn collection(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "Activities" => "activities",
        "Canned responses" => "canned_responses",
        "Chatbots" => "bots",
        "Intents" => "faqs",
        "Contents" => "contents",
        "Departments" => "departments",
        "Events" => "events",
        "Files" | "Images" => "files",
        "Groups" => "groups",
        "Knowledge bases" => "namespaces",
        "Labels" => "labels",
        "Leads" => "leads",
        "Messages" => "messages",
        "Projects" => "projects",
        "Questions" => "unanswered_questions",
        "Requests" => "requests",
        "Segments" => "segments",
        "Subscriptions" => "subscriptions",
        "Tags" => "tags",
        "Team" => "project_users",
        "Users" | "Authentication" => "users",
        _ => return None,
    })
}

#[tokio::test]
async fn supported_operations_and_events_are_listed() {
    let document: Value = serde_json::from_str(
        &openapi::write(openapi::Document::V3, openapi::Version::V31, openapi::Encoding::Json).await,
    )
    .expect("JSON");
    let paths = document["paths"].as_object().expect("paths").values();
    let documented: BTreeSet<_> = paths
        .flat_map(|item| item.as_object().into_iter().flat_map(|item| item.values()))
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let paths = document["paths"].as_object().expect("paths").values();
    let public: BTreeSet<_> = paths
        .flat_map(|item| item.as_object().into_iter().flat_map(|item| item.values()))
        .filter(|operation| operation["security"].as_array().is_some_and(Vec::is_empty))
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let mut examples: BTreeMap<String, usize> = BTreeMap::new();
    for name in exchanges().keys() {
        *examples.entry(name.split('.').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    let (seeded, operations) = (seeded(), openapi::operations());
    let mut page = HEAD.to_owned();
    let mut section = "";
    for line in operations.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let [.., id, method, path, role] = words[..] else { panic!("{line}") };
        let tag = line[..17].trim();
        if path.starts_with("/v1/") {
            continue;
        }
        if tag != section {
            section = tag;
            let has_documents = match collection(tag) {
                Some(name) if seeded.contains(name) => "Default world: seeded.",
                Some(_) => "Default world: not seeded.",
                None => "Stores no documents.",
            };
            write!(page, "## {tag}\n\n{has_documents}\n\n| Operation | Call | Minimum role | Documented | Examples |\n|---|---|---|---|---|\n")
                .expect("a String takes any text");
        }
        let is_documented = if documented.contains(id) { "yes" } else { "no" };
        let examples = examples.get(id).copied().unwrap_or_default();
        let role = match role {
            "-" if public.contains(id) => "none, no credentials",
            "-" => "none",
            role => role,
        };
        writeln!(page, "| `{id}` | `{method} {path}` | {role} | {is_documented} | {examples} |").expect("as above");
        let next = operations.lines().skip_while(|other| *other != line).nth(1);
        if next.is_none_or(|next| next[..17].trim() != section) {
            page.push('\n');
        }
    }
    page.push_str("## Events\n\nEach is delivered to subscriptions and tested; the payload schemas are in [openapi/webhooks](../openapi/webhooks).\n\n| Event | Payload schema |\n|---|---|\n");
    for (event, _) in openapi::webhooks().await {
        writeln!(page, "| `{event}` | [{event}.json](../openapi/webhooks/{event}.json) |").expect("as above");
    }
    assert_file("docs/supported.md", &page);
}
