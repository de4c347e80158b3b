//! `verify` and `openapi diff`, and their exit statuses.

use std::{
    fs,
    process::{Command, Stdio},
};

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
fn verify_exits_with_1_if_the_server_differs_and_writes_the_report() {
    let server = Server::start(&["--port", "0"], &[]);
    server.post("/_control/faults", r#"{"match":{"operation":"get_tag"},"effect":{"status":503}}"#);
    let target = format!("http://{}/v3", server.authority());
    let folder = tempfile::tempdir().expect("a folder");
    for (name, expected) in [
        ("report.txt", "drift    get_tag"),
        ("report.json", "\"verdict\": \"drift\""),
        ("report.xml", "<failure message=\"status: 503, expected 200\">"),
        ("report.md", "## Drift"),
        ("report.html", "<tr class=\"drift\"><td>get_tag</td>"),
    ] {
        let file = folder.path().join(name);
        let report = file.to_str().expect("a plain path");
        let account = ["--as", "andrea.leo@f21.it:123456", "--rate", "1000000"];
        let output =
            run(&[&["verify", "--target", &target, "--only", "get_tag", "--report", report], &account[..]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains("the server differs from the API"), "{error}");
        let text = fs::read_to_string(&file).expect("the report is written");
        assert!(text.contains(expected), "{name}: {text}");
    }
    let output = run(&["verify", "--target", &target, "--as", "a@example.com:secret", "--report", "report.pdf"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(unix)]
#[test]
fn verify_cleans_up_when_it_is_interrupted() {
    let server = Server::start(&["--port", "0"], &[]);
    let projects = || {
        let state = server.get("/_control/state");
        let state: serde_json::Value =
            serde_json::from_str(state.split("\r\n\r\n").nth(1).expect("a body")).expect("JSON");
        let all = state["projects"].as_array().cloned().unwrap_or_default();
        all.iter().filter(|one| one["name"] == "tiledesk-mock verify" && one["status"] == 100).count()
    };
    for signal in ["-INT", "-TERM"] {
        let target = format!("http://{}/v3", server.authority());
        let mut command = super::command();
        command.args(["verify", "--target", &target, "--as", "andrea.leo@f21.it:123456", "--rate", "600"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let patience = std::time::Instant::now();
        while projects() == 0 {
            assert!(patience.elapsed().as_secs() < 120, "the run creates a project");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.expect("kill is available").success());
        assert_eq!(child.wait().expect("the process can be awaited").code(), Some(2), "{signal}");
        let output = child.wait_with_output().expect("the output is readable");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("interrupted; "), "{error}");
        assert_eq!(projects(), 0, "{signal}: nothing is left behind");
    }
}

#[test]
fn verify_does_not_repeat_secrets_in_the_url_of_the_server() {
    for (target, expected) in [
        ("http://127.0.0.1:1/v3?token=hunter22", "--target: the URL must not have a query or a fragment"),
        ("http://ada:hunter22@127.0.0.1:1/v3", "--target: the URL must not contain credentials; use --as"),
    ] {
        let output = run(&["verify", "--target", target, "--as", "a@example.com:secret"]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(expected) && !error.contains("hunter22"), "{error}");
    }
}

#[test]
fn verify_needs_a_server_or_a_recording() {
    let output = run(&["verify"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("--target"), "{error}");
    let output = run(&["verify", "--recorded", "/nowhere"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("--recorded /nowhere: "), "{error}");
}

#[test]
fn verify_compares_a_recording_with_the_fake() {
    let folder = tempfile::tempdir().expect("a folder");
    let sign_in = |status: u16| {
        let exchange = json!({
            "source": "recorded from http://a, 2026-01-01T12:00:00.000Z", "status": status,
            "request": {"method": "POST", "path": "/v3/auth/signin", "body": {"email": "a@example.com", "password": "wrong-one"}},
            "body": {"success": false, "msg": "Authentication failed. User not found."},
        });
        fs::write(folder.path().join("000001-sign_in.json"), exchange.to_string()).expect("a file");
        run(&["verify", "--recorded", folder.path().to_str().expect("a plain path")])
    };
    for (status, code) in [(401, 0), (418, 1)] {
        let output = sign_in(status);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn openapi_diff_accepts_old_documents_of_either_openapi_version() {
    let folder = tempfile::tempdir().expect("a folder");
    for version in ["3.0", "3.1"] {
        let file = folder.path().join("document.json");
        let file = file.to_str().expect("a plain path");
        assert!(run(&["openapi", "--spec", version, "--output", file]).status.success());
        let output = run(&["openapi", "diff", file]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!((output.status.code(), &*text), (Some(0), "No changes for clients.\n"), "{version}");
    }
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
