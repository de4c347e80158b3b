//! Phrases that must not return to what users read.

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

/// The first word of a text, outside of code, that should be "ID" or "IDs".
fn misspelled_id(text: &str) -> Option<String> {
    let mut is_code = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    let prose = lines.collect::<Vec<_>>().join("\n");
    let outside = prose.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let mut words = outside.split(|character: char| !character.is_alphanumeric() && !"_`".contains(character));
    words.find(|word| matches!(*word, "id" | "ids" | "Id" | "Ids")).map(str::to_owned)
}

fn help(command: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tiledesk-mock")).args(command).arg("--help").output();
    String::from_utf8(output.expect("the program runs").stdout).expect("help is text")
}

/// A command and all commands below it, as `--help` lists them.
fn commands(parent: &[String]) -> Vec<Vec<String>> {
    let words: Vec<_> = parent.iter().map(String::as_str).collect();
    let help = help(&words);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let children = names.flat_map(|name| commands(&[parent, &[name.to_owned()]].concat()));
    [parent.to_vec()].into_iter().chain(children).collect()
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
fn a_misspelled_id_is_found_outside_of_code() {
    assert_eq!(misspelled_id("The ids of `id`."), Some("ids".to_owned()));
    assert_eq!(misspelled_id("IDs, `id_project`, lead_id\n```json\n{\"id\": 1}\n```\n"), None);
}

#[test]
fn pages_and_help_are_free_of_banned_phrases() {
    for (name, text) in pages() {
        // Old figures with their notes are kept as they were written.
        if !name.ends_with("RESULTS.md") {
            assert_eq!(banned(&text), None, "{name}");
            assert_eq!(misspelled_id(&text), None, "{name}: write ID");
        }
    }
    let commands = commands(&[]);
    assert!(commands.len() > 12, "{commands:?}");
    for command in commands {
        let command: Vec<_> = command.iter().map(String::as_str).collect();
        let help = help(&command);
        assert_eq!(banned(&help), None, "{command:?} --help");
        assert_eq!(misspelled_id(&help), None, "{command:?} --help: write ID");
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
            assert_eq!(misspelled_id(text), None, "{name}{at}: {text}: write ID");
        }
    }
}
