//! What the program generates for packagers: shell completions and the manual page.

use std::fs;

use super::run;

#[test]
fn completions_know_the_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = String::from_utf8_lossy(&output.stdout);
        assert!(script.contains("fixtures") && script.contains("faithful-holes"), "{shell}");
    }
    let unknown = run(&["completions", "cmd"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("possible values"));
}

#[test]
fn the_manual_page_lists_the_options() {
    let output = run(&["man"]);
    assert_eq!(output.status.code(), Some(0));
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.contains(".TH tiledesk-mock 1") && page.contains("sandbox\\-ttl"), "{page}");
}

#[test]
fn the_reference_is_written_as_a_static_site() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let site = folder.path().join("a/site");
    let output = run(&["openapi", "--html", "--api", "v1", "--output", &site.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("index.html"));
    let read = |name: &str| fs::read_to_string(site.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let page = read("index.html");
    assert!(page.contains("data-api=\"v1\"") && !page.contains("data-password"), "the login is not for other servers");
    for name in ["scalar.js", "page.js", "v3.json", "v1.json", "control.json"] {
        assert!(page.contains(&format!("=\"{name}\"")), "{name}");
        assert!(!read(name).is_empty());
    }
    let exported = run(&["openapi", "--api", "v1"]);
    assert_eq!(read("v1.json"), String::from_utf8_lossy(&exported.stdout), "the exported document");
}

#[test]
fn options_of_documents_do_not_apply_to_the_site() {
    for option in [["--spec", "3.0"], ["--format", "yaml"]] {
        let output = run(&["openapi", "--html", option[0], option[1]]);
        assert_eq!(output.status.code(), Some(2), "{option:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("--html"), "{option:?}");
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a writable folder");
    let output = run(&["openapi", "--html", "--output", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write"), "an existing file is kept");
}
