//! The start of the server, and the options it rejects.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    process::{Command, Stdio},
};

use super::{Server, command, run};

#[test]
fn a_signal_right_after_the_first_line_stops_the_server_cleanly() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for number in 0..20 {
        let (state, coverage) = (folder.path().join(format!("{number}.json")), folder.path().join("coverage.json"));
        let mut command = command();
        command.args(["--port", "0", "--state"]).arg(&state).stdout(Stdio::piped()).stderr(Stdio::null());
        // Writing its document takes a while.
        let written = if number == 0 { vec![&state, &coverage] } else { vec![&state] };
        if number == 0 {
            command.arg("--coverage").arg(&coverage);
        }
        let mut child = command.spawn().expect("the program starts");
        BufReader::new(child.stdout.take().expect("stdout is piped")).read_line(&mut String::new()).expect("a line");
        let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill is available");
        assert!(sent.success());
        assert_eq!(child.wait().expect("the process can be awaited").code(), Some(0), "start {number}");
        for file in written {
            let text = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            serde_json::from_slice::<serde_json::Value>(&text).expect("the file is complete");
        }
    }
}

#[test]
fn exhausting_the_file_descriptors_at_startup_does_not_stop_the_server() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 64; exec \"$0\" --port 0", env!("CARGO_BIN_EXE_tiledesk-mock")]);
    let mut server = Server::spawn(shell);
    let connect = || TcpStream::connect(server.authority()).expect("the server listens");
    let connections: Vec<_> = (0..100).map(|_| connect()).collect();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(server.child.try_wait().expect("the process can be polled"), None, "the server keeps running");
    drop(connections);
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    server.signal("-TERM");
    assert_eq!(server.child.wait().expect("the process can be awaited").code(), Some(0));
}

#[test]
fn unwritable_and_missing_files_are_rejected_at_startup() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (empty, at) =
        (folder.path().to_str().expect("a plain path"), |name: &str| format!("{}/{name}", folder.path().display()));
    for (options, told) in [
        (
            vec!["--state", "/nowhere/world.json"],
            "--state: cannot write /nowhere/world.json: No such file or directory",
        ),
        (vec!["--state", empty], &*format!("--state: cannot write {empty}: ")),
        (vec!["--coverage", &at("report.txt")], "expected a file that ends with .json, .xml, .md, or .html"),
        (vec!["--coverage", &at("report")], "expected a file that ends with .json, .xml, .md, or .html"),
        (vec!["--coverage", "/nowhere/report.json"], "--coverage: cannot write /nowhere/report.json"),
        (vec!["--fixtures", empty], "no *.json files in this directory"),
        (vec!["--fixtures", "/nowhere.json"], "/nowhere.json: no such file or directory"),
    ] {
        let output = run(&[&["--port", "0"], &options[..]].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {stderr}");
        assert!(stderr.contains(told), "{options:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{options:?}: nothing is served");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "no file is left behind");
}

#[test]
fn an_invalid_value_is_rejected_with_the_expected_format() {
    for (options, told) in [
        (["--rate-limit", "0"], "expected an integer from 1 to 4294967295 (omit the option for no limit)"),
        (["--fail-under", "sixty"], "expected a percentage from 0 to 100"),
        (["--fail-under", "101"], "expected a percentage from 0 to 100"),
        (["--port", "abc"], "expected a port from 0 to 65535 (0 picks a free one)"),
        (["--host", "http://localhost"], "expected an IP address or a name that resolves to one"),
        (["--host", "name.invalid"], "expected an IP address or a name that resolves to one"),
        (["--seed", "x"], "expected an integer from 0 to 9007199254740991"),
        (["--seed", "9007199254740992"], "expected an integer from 0 to 9007199254740991"),
        (["--journal", "-1"], "expected a non-negative integer (0 disables the journal)"),
    ] {
        let option = options.join("=");
        let output = run(&[&option]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{option}: {stderr}");
        assert!(stderr.contains(told) && stderr.contains(options[0]), "{option}: {stderr}");
    }
}

#[test]
fn localhost_is_a_valid_host() {
    let server = Server::start(&["--port", "0", "--host", "localhost"], &[]);
    assert!(server.authority().starts_with("127.0.0.1:"), "{}", server.authority());
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
}

#[cfg(unix)]
#[test]
fn hangup_and_quit_signals_save_the_state() {
    for signal in ["-HUP", "-QUIT", "-TERM"] {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let state = folder.path().join("state.json");
        let mut server = Server::start(&["--port", "0", "--state", state.to_str().expect("a plain path")], &[]);
        server.signal(signal);
        assert_eq!(server.child.wait().expect("the process can be awaited").code(), Some(0), "{signal}");
        assert!(fs::read_to_string(&state).expect("the file was written").contains("andrea.leo@f21.it"), "{signal}");
    }
}

#[test]
fn a_state_file_is_locked_by_its_server() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let state = folder.path().join("state.json");
    let state = state.to_str().expect("a plain path");
    let server = Server::start(&["--port", "0", "--state", state], &[]);
    let second = run(&["--port", "0", "--state", state]);
    assert_eq!(second.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&second.stderr).contains("file is locked by another server"));
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"), "the first server keeps running");
}

#[cfg(unix)]
#[test]
fn a_closed_log_pipe_does_not_stop_the_server() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 64; exec \"$0\" --port 0", env!("CARGO_BIN_EXE_tiledesk-mock")]);
    let mut server = Server::spawn(shell);
    drop(server.child.stderr.take());
    let connections: Vec<_> = (0..80).map(|_| TcpStream::connect(server.authority())).collect();
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(connections);
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_proxy_rejects_and_hides_options_without_effect() {
    let help = String::from_utf8(run(&["proxy", "--help"]).stdout).expect("help is text");
    for option in [
        "--fixtures=world.json",
        "--replay=recording",
        "--lenient",
        "--watch",
        "--pact-states=states",
        "--empty",
        "--demo",
        "--live",
        "--state=state.json",
        "--strict",
        "--faithful-holes",
        "--self-check",
        "--safe-csv",
        "--rate-limit=5",
        "--require-tls",
    ] {
        let name = option.split('=').next().expect("there is a first part");
        // `--watch` requires fixtures.
        let mut arguments = vec!["proxy", "--upstream", "http://127.0.0.1:1", "--port", "0", option];
        arguments.extend((name == "--watch").then_some("--fixtures=world.json"));
        let output = run(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {stderr}");
        assert!(stderr.contains(" has no effect on a proxy"), "{name}: {stderr}");
        assert!(!help.contains(&format!(" {name} ")) && !help.contains(&format!(" {name}\n")), "{name} is hidden");
    }
    assert!(help.contains(" --journal "), "options with an effect are listed");
}

#[test]
fn errors_do_not_repeat_the_credentials_of_an_upstream() {
    for url in
        ["http://user:hunter2@host", "ftp://user:hunter2@host", "http://user:hun/ter2@host", "http://user:hunter2@"]
    {
        let output = run(&["proxy", "--upstream", url]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("://***@") && error.contains("--upstream"), "{error}");
        assert!(!error.contains("hun") && !error.contains("ter2") && !error.contains("user"), "{error}");
    }
}
