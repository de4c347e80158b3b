//! The program, started as from a shell.

mod compare;
mod demo;
mod environment_proxy;
mod generate;
mod health;
mod startup;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiledesk-mock"));
    command.env_remove("RUST_BACKTRACE");
    command
}

fn run(arguments: &[&str]) -> Output {
    let mut command = command();
    command.args(arguments);
    finish(command)
}

/// Runs a command that ends by itself. Fails if it takes five minutes.
fn finish(mut command: Command) -> Output {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let out = read(child.stdout.take().expect("stdout is piped"));
    let errors = read(child.stderr.take().expect("stderr is piped"));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the program is a child") {
            break status;
        }
        if start.elapsed() > Duration::from_secs(300) {
            child.kill().expect("the program is a child");
            panic!("still running: {command:?}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let [stdout, stderr] = [out, errors].map(|text| text.join().expect("the output is readable"));
    Output { status, stdout, stderr }
}

fn read(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut text = Vec::new();
        from.read_to_end(&mut text).expect("the output is readable");
        text
    })
}

/// A server that is killed when the test ends.
struct Server {
    child: Child,
    first_line: String,
}

impl Server {
    fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = command();
        command.args(arguments).envs(variables.iter().copied());
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut first_line = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        BufReader::new(out).read_line(&mut first_line).expect("the server prints its address");
        Self { child, first_line: first_line.trim_end().to_owned() }
    }

    fn authority(&self) -> &str {
        self.first_line.strip_prefix("listening on http://").expect("the first line contains the address")
    }

    fn get(&self, path: &str) -> String {
        self.call("GET", path, "")
    }

    fn post(&self, path: &str, body: &str) -> String {
        let answer = self.call("POST", path, body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }

    /// Calls as the owner and returns the raw response.
    fn call(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.authority()).expect("the server listens");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nAuthorization: Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2\r\n\r\n{body}"
        )
        .expect("the request can be sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server responds");
        answer
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill is available").success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_server_prints_its_address_and_stops_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::start(&["--port", "0"], &[]);
        let answer = server.get("/healthz");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
        assert!(run(&["health", "--url", &format!("http://{}", server.authority())]).status.success());
        server.signal(signal);
        assert_eq!(server.child.wait().expect("the process can be awaited").code(), Some(0));
    }
}

#[test]
fn every_flag_has_an_environment_variable() {
    let variables =
        [("TILEDESK_MOCK_PORT", "0"), ("TILEDESK_MOCK_EMPTY", "true"), ("TILEDESK_MOCK_CLOCK", "2026-01-01T12:00:00Z")];
    let server = Server::start(&["serve"], &variables);
    assert!(server.get("/_control/state").ends_with("{\n}\n"));
}

#[test]
fn bad_usage_and_bad_fixtures_exit_with_2_and_a_reason() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let bad = folder.path().join("bad.json");
    fs::write(&bad, r#"{"leads":[{"_id":5}]}"#).expect("the file is writable");
    let bad = bad.to_str().expect("a plain path");
    let expected = format!(
        "tiledesk-mock: {bad}: /leads/0/_id: expected 24 hexadecimal digits, found number `5` (line 1, column 19)\n"
    );
    for arguments in
        [vec!["--fixtures", bad, "--port", "0"], vec!["fixtures", "check", bad], vec!["fixtures", "dump", bad]]
    {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
        assert!(output.stdout.is_empty(), "nothing is served");
    }
    for arguments in [
        vec!["--nonsense"],
        vec!["--port", "70000"],
        vec!["--clock", "noon"],
        vec!["--log", "[["],
        vec!["--fixtures", "/nowhere.json"],
        vec!["--empty", "--fixtures", bad],
        vec!["openapi", "--spec", "2.0"],
        vec!["--webhooks-ca", bad, "--port", "0"],
        vec!["--webhooks-ca", bad, "--webhooks-insecure"],
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?} must be explained");
    }
}

#[test]
fn invalid_utf8_and_truncated_files_are_reported_with_their_position() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let bad = folder.path().join("bad.json");
    for (bytes, told) in [
        (&b"{\"leads\":[\n"[..], "/leads: unexpected end of the file (line 2, column 0)"),
        (b"{\"leads\":[{\"fullname\":\"\xff\"}]}", "/leads/0/fullname: invalid unicode code point (line 1, column 24)"),
        (b"{} {}", "/: trailing characters (line 1, column 4)"),
        (b"", "/: unexpected end of the file (line 1, column 0)"),
    ] {
        fs::write(&bad, bytes).expect("the file is writable");
        let output = run(&["fixtures", "check", bad.to_str().expect("a plain path")]);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), format!("tiledesk-mock: {}: {told}\n", bad.display()));
    }
}

#[test]
fn a_port_in_use_is_a_failure() {
    let server = Server::start(&["--port", "0"], &[]);
    let port = server.authority().rsplit(':').next().expect("an address has a port").to_owned();
    let output = run(&["--port", &port]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot listen on"));
}

#[test]
fn documents_and_worlds_are_written_to_stdout_or_to_a_file() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("openapi.yaml");
    let path = file.to_str().expect("a plain path");
    let output = run(&["openapi", "--api", "control", "--spec", "3.0", "--format", "yaml", "--output", path]);
    assert!(output.status.success() && output.stdout.is_empty());
    assert!(fs::read_to_string(&file).expect("the file was written").starts_with("openapi: 3.0.3\n"));
    assert_eq!(run(&["openapi", "--output", "/nowhere/x"]).status.code(), Some(1));
    for arguments in [vec!["openapi"], vec!["fixtures", "schema"], vec!["fixtures", "dump"]] {
        let output = run(&arguments);
        assert!(output.status.success());
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("valid JSON");
    }
}

#[test]
fn shutdown_delivers_pending_webhooks_or_logs_them() {
    let mut server = Server::start(&["--port", "0", "--log", "trace"], &[]);
    let mut stderr = server.child.stderr.take().expect("stderr is piped");
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).expect("the output is UTF-8");
        log
    });
    let sink = crate::support::sink::Sink::start();
    let path = "/v3/5b55e806c93dde00143163dd/subscriptions";
    let gone = "http://127.0.0.1:1/gone";
    let created = server.post(path, &format!(r#"{{"event":"lead.create","target":"{}"}}"#, sink.url("/")));
    server.post(path, &format!(r#"{{"event":"lead.create","target":"{gone}"}}"#));
    let hanging = crate::support::sink::Sink::start();
    hanging.prepare([crate::support::sink::Reply::Hang]);
    server.post(path, &format!(r#"{{"event":"lead.create","target":"{}"}}"#, hanging.url("/")));
    for number in 0..20 {
        server.post(LEADS, &format!(r#"{{"lead_id":"{number}"}}"#));
    }
    server.signal("-TERM");
    assert!(server.child.wait().expect("the process can be awaited").success());
    assert_eq!(sink.count(), 20, "everything deliverable is delivered");
    let log = log.join().expect("the log was read");
    for target in [gone, &hanging.url("/")] {
        let told = log.lines().filter(|line| line.contains("not delivered") && line.contains(target)).count();
        assert_eq!(told, 20, "each undelivered event is logged, including those in flight: {target}");
    }
    let secret = created.split(r#""secret":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("a secret");
    assert!(secret.len() == 36 && !log.contains(secret), "the log contains no secret");
    assert!(!log.contains("123456"), "the log contains no password");
}

#[test]
fn the_server_is_reachable_from_other_machines_only_on_request() {
    for (options, host) in [(&["--port", "0"][..], "127.0.0.1"), (&["--port", "0", "--host", "0.0.0.0"], "0.0.0.0")] {
        let server = Server::start(options, &[]);
        assert_eq!(server.authority().rsplit_once(':').expect("a port").0, host);
        assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    }
}

/// Leads of the default world's project.
const LEADS: &str = "/v3/5b55e806c93dde00143163dd/leads";

#[test]
fn the_state_is_saved_to_a_file() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("world.json");
    let path = file.to_str().expect("a plain path");
    let start = || Server::start(&["--port", "0", "--clock", "2026-01-01T12:00:00Z", "--state", path], &[]);
    let id = |answer: &str| answer.split(r#""_id":""#).nth(1).expect("an id")[..24].to_owned();

    let mut first = start();
    assert!(!file.exists(), "nothing is written before the first save");
    let ada = id(&first.post(LEADS, r#"{"lead_id":"ada","fullname":"Ada"}"#));
    let saved = first.post("/_control/state/save", "");
    let written = fs::read_to_string(&file).expect("the file exists");
    assert!(saved.ends_with(&format!(r#"{{"bytes":{}}}"#, written.len())), "{saved}");
    assert!(written.contains(&ada));
    first.post(LEADS, r#"{"lead_id":"lost","fullname":"Lost"}"#);
    first.signal("-KILL");
    first.child.wait().expect("the process can be awaited");
    // As if the server had been killed while saving.
    fs::write(folder.path().join(".world.json.part"), &written[..written.len() / 2]).expect("the file is writable");

    let mut second = start();
    let leads = second.get(LEADS);
    assert!(leads.contains(&ada) && !leads.contains("Lost"), "exactly the saved state: {leads}");
    let ben = id(&second.post(LEADS, r#"{"lead_id":"ben","fullname":"Ben"}"#));
    assert_ne!(ada, ben, "ids are not reused in spite of the same seed and clock");
    second.signal("-TERM");
    assert_eq!(second.child.wait().expect("the process can be awaited").code(), Some(0));

    let mut third = start();
    let leads = third.get(LEADS);
    assert!(leads.contains(&ada) && leads.contains(&ben), "{leads}");
    third.post("/_control/reset", "");
    assert!(!third.get(LEADS).contains(&ada), "a reset restores the fixtures");
    third.signal("-TERM");
    assert_eq!(third.child.wait().expect("the process can be awaited").code(), Some(0));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "no other file is left");
}

#[test]
fn an_unreadable_or_unwritable_state_file_is_a_failure() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("world.json");
    let path = file.to_str().expect("a plain path");
    fs::write(&file, r#"{"leads":["#).expect("the file is writable");
    let output = run(&["--port", "0", "--state", path]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains(path) && told.contains("/leads"), "{told}");
    assert_eq!(fs::read_to_string(&file).expect("it exists"), r#"{"leads":["#, "the file is not changed");

    let gone = tempfile::tempdir().expect("a folder for the test");
    let file = gone.path().join("world.json");
    let mut server = Server::start(&["--port", "0", "--state", file.to_str().expect("a plain path")], &[]);
    gone.close().expect("the folder can be removed");
    let answer = server.call("POST", "/_control/state/save", "");
    assert!(answer.starts_with("HTTP/1.1 409") && answer.contains("Failed to write the state file"), "{answer}");
    server.signal("-TERM");
    assert_eq!(server.child.wait().expect("the process can be awaited").code(), Some(1));
    let without = Server::start(&["--port", "0"], &[]);
    let answer = without.call("POST", "/_control/state/save", "");
    assert!(answer.starts_with("HTTP/1.1 409") && answer.contains("--state FILE"), "{answer}");
}

#[test]
fn ids_of_an_imported_world_are_not_reused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let clock = ["--port", "0", "--clock", "2026-01-01T12:00:00Z"];
    let requests = "/v3/5b55e806c93dde00143163dd/requests";
    let first = Server::start(&clock, &[]);
    first.post(requests, r#"{"first_text":"Good morning"}"#);
    let exported = first.get("/_control/state");
    let exported = exported.split_once("\r\n\r\n").expect("a body").1;
    let file = folder.path().join("exported.json");
    fs::write(&file, exported).expect("the file is writable");
    let second = Server::start(&[&clock[..], &["--fixtures", file.to_str().expect("a plain path")]].concat(), &[]);
    let third = Server::start(&clock, &[]);
    third.call("PUT", "/_control/state", exported);
    for server in [second, third] {
        let answer = server.call("POST", requests, r#"{"first_text":"Good morning again"}"#);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let all = server.get("/_control/state");
        let all: serde_json::Value = serde_json::from_str(all.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
        let texts = all["requests"].as_array().expect("requests").iter().map(|request| request["first_text"].as_str());
        let ours: Vec<_> = texts.flatten().filter(|text| text.starts_with("Good morning")).collect();
        assert_eq!(ours, ["Good morning", "Good morning again"]);
    }
}

#[test]
fn coverage_is_written_on_shutdown_and_fails_below_the_minimum() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let stopped = |file: &str, least: &[&str]| {
        let file = folder.path().join(file);
        let path = file.to_str().expect("a plain path").to_owned();
        let mut server = Server::start(&[&["--port", "0", "--coverage", &path], least].concat(), &[]);
        server.post(LEADS, r#"{"lead_id":"covered"}"#);
        server.signal("-TERM");
        let code = server.child.wait().expect("the process can be awaited").code();
        let mut told = String::new();
        server.child.stderr.take().expect("stderr is piped").read_to_string(&mut told).expect("the output is UTF-8");
        (code, told, fs::read_to_string(&file).unwrap_or_default())
    };
    let (code, _, report) = stopped("report.json", &[]);
    assert_eq!(code, Some(0));
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let (covered, all) = (report["operations"]["covered"].as_u64(), report["operations"]["of"].as_u64());
    assert_eq!(covered, Some(1));
    assert!(all > Some(150), "all documented operations: {all:?}");
    let (code, told, report) = stopped("report.xml", &["--fail-under", "0.1"]);
    assert_eq!((code, told.as_str()), (Some(0), ""));
    assert!(report.starts_with("<?xml") && report.contains("create_lead"), "{report}");
    assert!(report.contains(r#"failures="0""#) && report.contains("at least 0.1 % of the operations"), "{report}");
    let (code, _, report) = stopped("failed.xml", &["--fail-under", "50"]);
    assert_eq!(code, Some(1));
    assert!(report.contains(r#"failures="1""#) && report.contains("<failure message="), "CI reports it: {report}");
    let (code, told, report) = stopped("report.html", &["--fail-under", "50"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("of the operations were covered, less than the minimum of 50 %"), "{told}");
    assert!(report.contains("<html"), "the report is written nevertheless");
    let (code, _, report) = stopped("report.md", &["--fail-under", "0"]);
    assert_eq!(code, Some(0));
    assert!(report.contains("create_lead"));
    assert_eq!(run(&["--port", "0", "--fail-under", "5"]).status.code(), Some(2), "--fail-under needs a report");
}
