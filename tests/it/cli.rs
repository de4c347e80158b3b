//! The program as it is started from a shell.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiledesk-mock"));
    command.env_remove("RUST_BACKTRACE");
    command
}

fn run(arguments: &[&str]) -> Output {
    command().args(arguments).output().expect("the program runs")
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
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let mut first_line = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        BufReader::new(out).read_line(&mut first_line).expect("the program says where it listens");
        Self { child, first_line: first_line.trim_end().to_owned() }
    }

    fn authority(&self) -> &str {
        self.first_line.strip_prefix("listening on http://").expect("the first line has a fixed form")
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.authority()).expect("the server listens");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers");
        answer
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_says_where_it_listens_serves_and_stops_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::start(&["--port", "0"], &[]);
        let answer = server.get("/healthz");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
        assert!(run(&["health", "--url", &format!("http://{}", server.authority())]).status.success());
        server.signal(signal);
        assert_eq!(server.child.wait().expect("it ends").code(), Some(0));
    }
}

#[test]
fn every_flag_is_an_environment_variable_too() {
    let variables =
        [("TILEDESK_MOCK_PORT", "0"), ("TILEDESK_MOCK_EMPTY", "true"), ("TILEDESK_MOCK_CLOCK", "2026-01-01T12:00:00Z")];
    let server = Server::start(&["serve"], &variables);
    assert!(server.get("/_control/state").ends_with("{\n}\n"));
}

#[test]
fn the_health_of_no_server_is_a_failure() {
    let output = run(&["health", "--url", "http://127.0.0.1:1"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(run(&["health", "--url", "ftp://x"]).status.code(), Some(2));
}

#[test]
fn bad_usage_and_bad_fixtures_end_with_2_and_say_why() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let bad = folder.path().join("bad.json");
    fs::write(&bad, r#"{"leads":[{"_id":5}]}"#).expect("writable");
    let bad = bad.to_str().expect("a plain path");
    let expected = format!(
        "tiledesk-mock: {bad}: /leads/0/_id: expected 24 hexadecimal digits, found integer `5` (line 1, column 18)\n"
    );
    for arguments in
        [vec!["--fixtures", bad, "--port", "0"], vec!["fixtures", "check", bad], vec!["fixtures", "dump", bad]]
    {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
        assert!(output.stdout.is_empty(), "nothing starts half-loaded");
    }
    for arguments in [
        vec!["--nonsense"],
        vec!["--port", "70000"],
        vec!["--clock", "noon"],
        vec!["--log", "[["],
        vec!["--fixtures", "/nowhere.json"],
        vec!["--empty", "--fixtures", bad],
        vec!["openapi", "--spec", "2.0"],
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?} is told why");
    }
}

#[test]
fn a_port_that_is_taken_is_a_failure() {
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
    assert!(fs::read_to_string(&file).expect("written").starts_with("openapi: 3.0.3\n"));
    assert_eq!(run(&["openapi", "--output", "/nowhere/x"]).status.code(), Some(1));
    for arguments in [vec!["openapi"], vec!["fixtures", "schema"], vec!["fixtures", "dump"]] {
        let output = run(&arguments);
        assert!(output.status.success());
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("it is JSON");
    }
}

#[test]
fn what_is_to_be_delivered_when_the_server_stops_is_delivered_or_told() {
    let mut server = Server::start(&["--port", "0", "--log", "trace"], &[]);
    let authority = server.authority().to_owned();
    let mut stderr = server.child.stderr.take().expect("stderr is piped");
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).expect("it is text");
        log
    });
    let call = |path: &str, body: &str| {
        let mut stream = TcpStream::connect(&authority).expect("the server listens");
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nAuthorization: Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2\r\n\r\n{body}"
        )
        .expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    };
    let sink = crate::support::sink::Sink::start();
    let path = "/v3/5b55e806c93dde00143163dd/subscriptions";
    let gone = "http://127.0.0.1:1/gone";
    let created = call(path, &format!(r#"{{"event":"lead.create","target":"{}"}}"#, sink.url("/")));
    call(path, &format!(r#"{{"event":"lead.create","target":"{gone}"}}"#));
    let hanging = crate::support::sink::Sink::start();
    hanging.prepare([crate::support::sink::Manner::Hang]);
    call(path, &format!(r#"{{"event":"lead.create","target":"{}"}}"#, hanging.url("/")));
    for number in 0..20 {
        call("/v3/5b55e806c93dde00143163dd/leads", &format!(r#"{{"lead_id":"{number}"}}"#));
    }
    server.signal("-TERM");
    assert!(server.child.wait().expect("it ends").success());
    assert_eq!(sink.count(), 20, "what can be delivered is");
    let log = log.join().expect("it was read");
    for target in [gone, &hanging.url("/")] {
        let told = log.lines().filter(|line| line.contains("not delivered") && line.contains(target)).count();
        assert_eq!(told, 20, "what cannot is told, one by one, what is under way too: {target}");
    }
    let secret = created.split(r#""secret":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("a secret");
    assert!(secret.len() == 36 && !log.contains(secret), "no log tells a secret");
    assert!(!log.contains("123456"), "nor a password");
}
