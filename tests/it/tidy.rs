//! The rules of the house that no compiler knows.

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
    let name = |path: &Path| path.strip_prefix(root()).expect("it is below the root").to_string_lossy().into_owned();
    all.iter().map(|path| (name(path), fs::read_to_string(path).expect("a source file can be read"))).collect()
}

/// The part of a file that is the product.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn every_file_says_what_it_holds_and_is_short() {
    for (name, text) in files("src").into_iter().chain(files("tests")).chain(files("benches")) {
        assert!(text.starts_with("//! "), "{name} opens with its purpose");
        let lines = text.lines().count();
        assert!(lines <= 400, "{name} has {lines} lines");
    }
}

#[test]
fn the_map_holds() {
    // What the files of a folder may import of the crate.
    let allowed: [(&str, &[&str]); 10] = [
        ("src/store/", &[]),
        ("src/world/", &["resource", "store", "world"]),
        ("src/http/", &["store", "world", "resource::project::model"]),
        ("src/resource/", &["http", "resource", "store", "world"]),
        ("src/control/", &["control", "http", "resource", "store", "world"]),
        ("src/webhook/", &["resource", "store", "world"]),
        ("src/realtime/", &["resource", "store", "world"]),
        ("src/exchange.rs", &["http"]),
        ("src/openapi.rs", &["control", "exchange", "fake", "http", "resource", "webhook", "world"]),
        ("src/fake.rs", &["config", "control", "http", "openapi", "realtime", "resource", "webhook", "world"]),
    ];
    for (name, text) in files("src") {
        let Some((_, allowed)) = allowed.iter().find(|(folder, _)| name.starts_with(folder)) else { continue };
        for import in imports(product(&text)) {
            assert!(allowed.iter().any(|known| import.starts_with(known)), "{name} imports crate::{import}");
            if name.starts_with("src/world/") && import.starts_with("resource") {
                assert!(import.contains("::model"), "{name} imports crate::{import}: the world knows models only");
            }
        }
        if name.ends_with("rules.rs") {
            for word in ["poem", "StatusCode", "HeaderMap", "crate::http"] {
                assert!(!text.contains(word), "{name} knows of HTTP: {word}");
            }
        }
    }
}

/// The paths after `crate::` in the use declarations of a file, nested ones spelled out.
fn imports(text: &str) -> Vec<String> {
    fn expand(prefix: &str, tree: &str, all: &mut Vec<String>) {
        let tree = tree.trim();
        let Some((head, rest)) = tree.split_once('{') else {
            all.push(format!("{prefix}{tree}"));
            return;
        };
        let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
        let (mut depth, mut start) = (0, 0);
        for (at, byte) in inner.bytes().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b',' if depth == 0 => {
                    expand(&format!("{prefix}{head}"), &inner[start..at], all);
                    start = at + 1;
                }
                _ => {}
            }
        }
        if !inner[start..].trim().is_empty() {
            expand(&format!("{prefix}{head}"), &inner[start..], all);
        }
    }

    let mut all = Vec::new();
    for declaration in text.split("\nuse ").skip(1).chain(text.split("\npub(crate) use ").skip(1)) {
        let declaration = declaration.split(';').next().unwrap_or_default();
        if let Some(tree) = declaration.strip_prefix("crate::") {
            expand("", &tree.replace('\n', " "), &mut all);
        }
    }
    all
}

#[test]
fn time_and_chance_have_one_door() {
    for (name, text) in files("src") {
        for (word, door) in [
            ("SystemTime::now", "clock.rs"),
            ("Instant::now", "clock.rs"),
            ("Timestamp::now", "clock.rs"),
            ("rand::", "id.rs"),
            ("new_v4", "id.rs"),
        ] {
            assert!(name.ends_with(door) || !product(&text).contains(word), "{name} says {word}");
        }
    }
}

#[test]
fn there_is_one_macro() {
    let with = files("src").into_iter().filter(|(_, text)| text.contains("macro_rules!")).map(|(name, _)| name);
    assert_eq!(with.collect::<Vec<_>>(), ["src/world/tables.rs"]);
}

#[test]
fn no_excuse_is_without_a_reason() {
    for (name, text) in files("src") {
        assert!(!text.contains("#[allow"), "{name}: expect with a reason, not allow");
        for (line, code) in product(&text).lines().enumerate() {
            assert!(!code.contains(".unwrap()"), "{name}:{}: say why it cannot fail", line + 1);
        }
    }
}

#[test]
fn every_departure_is_told_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
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
            assert!(readme.contains(&sentence), "README.md does not tell: {sentence} ({name})");
        }
    }
    assert!(seen > 0, "departures were found");
}

#[test]
fn the_project_speaks_of_itself_alone() {
    for (name, text) in files("src").into_iter().chain(files("tests")) {
        if name == "tests/it/tidy.rs" {
            continue;
        }
        for word in ["/work/", "../shared", "TODO", "FIXME"] {
            assert!(!text.contains(word), "{name} says {word}");
        }
    }
}
