//! Change logs.

use std::{collections::BTreeSet, fmt::Write};

use serde_json::json;

use super::{Change, Effect, Format};

pub(super) fn write(changes: &BTreeSet<Change>, breaking: bool, note: Option<&str>, format: Format) -> String {
    let mut text = String::new();
    match format {
        Format::Json => {
            let mut told = json!({"breaking": breaking, "changes": changes});
            if let Some(note) = note {
                told["note"] = note.into();
            }
            text = format!("{told:#}\n");
        }
        _ if changes.is_empty() => "No changes for clients.\n".clone_into(&mut text),
        Format::Text => {
            for Change { effect, place, what } in changes {
                let label = match effect {
                    Effect::Breaking => "breaking",
                    Effect::Added => "added   ",
                };
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{label}  {place}: {what}");
            }
        }
        Format::Markdown => {
            for (effect, title) in [(Effect::Breaking, "Breaking"), (Effect::Added, "Added")] {
                let mut of = changes.iter().filter(|change| change.effect == effect).peekable();
                if of.peek().is_none() {
                    continue;
                }
                let _ = write!(text, "{}## {title}\n\n", if text.is_empty() { "" } else { "\n" });
                for Change { place, what, .. } in of {
                    let _ = writeln!(text, "- `{place}`: {what}");
                }
            }
        }
    }
    if let Some(note) = note {
        match format {
            Format::Json => {}
            Format::Text => _ = writeln!(text, "note: {note}"),
            Format::Markdown => _ = writeln!(text, "\n> Note: {note}."),
        }
    }
    text
}
