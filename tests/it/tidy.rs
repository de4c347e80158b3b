//! Conventions that the compiler does not check.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::root;

/// All Rust files below `folder`, with their paths from the root.
fn files(folder: &str) -> Vec<(String, String)> {
    fn collect(folder: &Path, all: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push(path);
            }
        }
    }

    let mut all = Vec::new();
    collect(&root().join(folder), &mut all);
    all.sort();
    let name =
        |path: &Path| path.strip_prefix(root()).expect("the file is below the root").to_string_lossy().into_owned();
    all.iter().map(|path| (name(path), fs::read_to_string(path).expect("a source file can be read"))).collect()
}

/// A file without its unit tests.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn every_file_starts_with_a_module_comment_and_is_short() {
    for (name, text) in files("src").into_iter().chain(files("tests")).chain(files("benches")) {
        assert!(text.starts_with("//! "), "{name} does not start with a module comment");
        let lines = text.lines().count();
        assert!(lines <= 400, "{name} has {lines} lines");
    }
}

#[test]
fn time_and_randomness_have_a_single_source() {
    for (name, text) in files("src") {
        for (word, door) in [
            ("SystemTime::now", "clock.rs"),
            ("Instant::now", "clock.rs"),
            ("Timestamp::now", "clock.rs"),
            ("rand::", "id.rs"),
            ("new_v4", "id.rs"),
        ] {
            assert!(name.ends_with(door) || !product(&text).contains(word), "{name} contains {word}");
        }
    }
}

#[test]
fn there_is_only_one_macro() {
    let with = files("src").into_iter().filter(|(_, text)| text.contains("macro_rules!")).map(|(name, _)| name);
    assert_eq!(with.collect::<Vec<_>>(), ["src/state/tables.rs"]);
}

#[test]
fn exceptions_have_a_reason() {
    for (name, text) in files("src") {
        assert!(!text.contains("#[allow"), "{name}: use `expect` with a reason instead of `allow`");
        for (line, code) in product(&text).lines().enumerate() {
            assert!(!code.contains(".unwrap()"), "{name}:{}: use `expect` and state why it cannot fail", line + 1);
        }
    }
}

#[test]
fn every_deviation_is_documented() {
    let page = fs::read_to_string(root().join("docs/deviations.md")).expect("the page is readable");
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut seen = 0;
    for (name, text) in files("src") {
        let mut lines = text.lines().map(str::trim).peekable();
        while let Some(line) = lines.next() {
            let Some(first) = line.strip_prefix("// Departs: ") else { continue };
            let mut sentence = first.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with("// ")) {
                sentence = format!("{sentence} {}", &more[3..]);
            }
            seen += 1;
            assert!(page.contains(&sentence), "docs/deviations.md lacks: {sentence} ({name})");
        }
    }
    assert!(seen > 0, "no deviation was found");
}

#[test]
fn files_contain_no_private_paths_or_reminders() {
    for (name, text) in files("src").into_iter().chain(files("tests")) {
        if name == "tests/it/tidy.rs" {
            continue;
        }
        for word in ["/work/", "../shared", "TODO", "FIXME"] {
            assert!(!text.contains(word), "{name} contains {word}");
        }
    }
}
