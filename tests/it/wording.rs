//! Phrases that must not return to what users read, and options that the documentation must not miss.

use std::{fs, process::Command};

use serde_json::Value;

use crate::support::root;

/// Circumlocutions, each with what to write instead.
const PHRASES: [(&str, &str); 21] = [
    ("is told", "is sent, published, or returned"),
    ("are told", "are sent, published, or returned"),
    ("whoever", "users who, the caller"),
    ("somebody", "a user, the caller"),
    ("so many", "N"),
    ("so manieth", "nth"),
    ("unless it is said", "default"),
    ("of its own", "its own"),
    ("is minded", "is respected"),
    ("are minded", "are respected"),
    ("is heard", "is received"),
    ("beside the", "besides, next to"),
    ("the first first", "in ascending order"),
    ("what is to be", "name it"),
    ("says no", "rejects"),
    ("sign of life", "heartbeat"),
    ("Most leads of", "maximum"),
    ("Most results of", "maximum"),
    ("looked at in vain", "not found"),
    ("answers with the same words", "returns the same error"),
    ("nobody has to say", "no credentials are required"),
];

/// The first phrase in a text that must not return.
fn banned(text: &str) -> Option<&'static str> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    PHRASES.iter().map(|(phrase, _)| *phrase).find(|phrase| text.contains(phrase))
}

fn help(command: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tiledesk-mock")).args(command).arg("--help").output();
    String::from_utf8(output.expect("the program runs").stdout).expect("help is text")
}

fn pages() -> Vec<(String, String)> {
    let folders = ["", "docs", "packages/npm", "packages/python", "benches", "e2e"];
    let files = folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).expect("a folder").flatten());
    let pages =
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a page"))).collect()
}

/// Every description and summary of a document, with its place.
fn prose<'a>(node: &'a Value, at: &str, all: &mut Vec<(String, &'a str)>) {
    match node {
        Value::Object(fields) => {
            for (name, value) in fields {
                let at = format!("{at}/{name}");
                match value {
                    Value::String(text) if matches!(name.as_str(), "description" | "summary" | "title") => {
                        all.push((at, text));
                    }
                    // Examples are data.
                    _ if matches!(name.as_str(), "example" | "examples" | "default") => {}
                    _ => prose(value, &at, all),
                }
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| prose(item, &format!("{at}/{n}"), all)),
        _ => {}
    }
}

#[test]
fn a_planted_phrase_is_found() {
    assert_eq!(banned("Each change is\n  told to subscribers."), Some("is told"));
    assert_eq!(banned("Each change is sent to subscribers."), None);
}

#[test]
fn pages_and_help_are_free_of_banned_phrases() {
    for (name, text) in pages() {
        // Old figures with their notes are kept as they were written.
        if !name.ends_with("RESULTS.md") {
            assert_eq!(banned(&text), None, "{name}");
        }
    }
    for command in [&[][..], &["serve"], &["openapi"], &["fixtures"], &["fixtures", "check"], &["health"]] {
        assert_eq!(banned(&help(command)), None, "{command:?} --help");
    }
}

#[test]
fn exported_documents_are_free_of_banned_phrases() {
    for name in ["tiledesk-v3.json", "tiledesk-v1.json", "control.json"] {
        let text = fs::read_to_string(root().join("openapi").join(name)).expect("a document");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let mut all = Vec::new();
        prose(&document, "", &mut all);
        assert!(all.len() > 100, "{name} has descriptions");
        for (at, text) in all {
            assert_eq!(banned(text), None, "{name}{at}: {text}");
        }
    }
}

#[test]
fn the_configuration_page_lists_every_option() {
    let page = fs::read_to_string(root().join("docs/configuration.md")).expect("the page");
    for command in [&["serve"][..], &["openapi"], &["health"], &["proxy"], &["drift"]] {
        let help = help(command);
        let options = help.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2);
        let variables = help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
        let mut seen = 0;
        for name in options.chain(variables) {
            let name = name.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            let is_listed = matches!(name, "--help" | "--version") || page.contains(name);
            assert!(is_listed, "docs/configuration.md lacks {name} of {command:?}");
            seen += 1;
        }
        assert!(seen > 4, "{command:?} has options");
        for default in help.split("[default: ").skip(1).filter_map(|rest| rest.split(']').next()) {
            assert!(page.contains(default), "docs/configuration.md lacks the default {default} of {command:?}");
        }
    }
}
