//! The commands that compare, and their exit statuses.

use std::fs;

use serde_json::json;

use super::{Server, run};

#[test]
fn verify_exits_with_0_if_the_server_matches() {
    let server = Server::start(&["--port", "0"], &[]);
    let target = format!("http://{}/v3", server.authority());
    let account = ["--as", "andrea.leo@f21.it:123456"];
    let arguments = ["verify", "--target", &target, account[0], account[1], "--only", "*_tag", "--rate", "1000000"];
    let output = run(&arguments);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains(" match"), "{text}");
}

#[test]
fn verify_exits_with_2_if_there_is_no_server() {
    let output = run(&["verify", "--target", "http://127.0.0.1:1/v3", "--as", "a@example.com:secret"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("cannot sign in") && !error.contains("secret"), "{error}");
}

#[test]
fn verify_does_not_repeat_malformed_credentials() {
    let output = run(&["verify", "--target", "http://127.0.0.1:1", "--as", "no-at-sign"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("expected EMAIL:PASSWORD") && !error.contains("no-at-sign"), "{error}");
}

#[test]
fn openapi_diff_exits_with_1_if_the_new_document_breaks_clients() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, paths: serde_json::Value| {
        let path = folder.path().join(name);
        fs::write(&path, json!({"openapi": "3.1.0", "paths": paths}).to_string()).expect("a file");
        path.display().to_string()
    };
    let old = file("old.json", json!({"/a": {"get": {"responses": {}}}}));
    let new = file("new.json", json!({}));
    let output = run(&["openapi", "diff", &old, &new]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "breaking  GET /a: operation removed\n");
    assert_eq!(output.status.code(), Some(1));
    let output = run(&["openapi", "diff", &new, &old, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["breaking"], false);
    assert_eq!(run(&["openapi", "diff", "missing.json"]).status.code(), Some(2));
}
