//! What the program generates for packagers: shell completions and the manual page.

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
