//! The `health` command over HTTP and HTTPS, how it recognizes a server, and its errors.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::Stdio,
};

use super::{Server, command, run};

/// Exit code and stderr of a health check.
fn health(arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(&[&["health"], arguments].concat());
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_server_with_a_self_signed_certificate_can_be_checked() {
    let server = Server::start(&["--port", "0", "--tls-self-signed"], &[]);
    let url = format!("https://{}", server.authority());
    assert_eq!(health(&["--insecure", "--url", &url]), (Some(0), String::new()));
    let (code, told) = health(&["--url", &url]);
    assert_eq!(code, Some(1));
    assert!(told.contains("certificate") && told.contains("--insecure"), "{told}");
    assert_eq!(
        health(&["--url", &format!("http://{}/", server.authority())]).0,
        Some(0),
        "a trailing slash is accepted"
    );
    let (code, told) = health(&["--url", &format!("http://{}/nowhere", server.authority())]);
    assert_eq!(code, Some(1));
    assert!(told.contains("GET /nowhere/healthz returned 404"), "{told}");
}

#[test]
fn an_unhealthy_server_is_a_failure_with_its_reason() {
    let plain = Server::start(&["--port", "0"], &[]);
    let strange = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let strange_url = format!("http://{}", strange.local_addr().expect("an address"));
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = strange.accept().expect("a client");
        let _ = stream.read(&mut [0; 1_024]).expect("a request");
        stream.write_all(b"nonsense\r\n\r\n").expect("the client reads");
    });
    for (url, told) in [
        ("http://127.0.0.1:1", "http://127.0.0.1:1: connection refused: no server is listening"),
        (&*format!("https://{}", plain.authority()), "the server does not speak TLS"),
        (&strange_url, "the response is not HTTP"),
    ] {
        let (code, stderr) = health(&["--url", url]);
        assert_eq!(code, Some(1), "{url}: {stderr}");
        assert!(stderr.contains(told), "{url}: {stderr}");
    }
    answering.join().expect("the server was called");
}

#[test]
fn an_invalid_url_is_a_usage_error() {
    for url in ["ftp://127.0.0.1", "127.0.0.1:4010", "localhost:4010", "", "http://"] {
        let (code, told) = health(&["--url", url]);
        assert_eq!(code, Some(2), "{url}: {told}");
        assert!(told.contains("--url: expected http://HOST:PORT or https://HOST:PORT"), "{url}: {told}");
    }
}

#[test]
fn a_health_check_recognizes_its_server() {
    let server = Server::start(&["--port", "0", "--instance", "mine-1"], &[]);
    let url = format!("http://{}", server.authority());
    assert!(server.get("/healthz?instance").ends_with(r#"{"status":"ok","instance":"mine-1"}"#));
    assert!(server.get("/healthz").ends_with(r#"{"status":"ok"}"#));
    assert_eq!(health(&["--url", &url, "--instance", "mine-1"]), (Some(0), String::new()));
    let (code, stderr) = health(&["--url", &url, "--instance", "mine-2"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("another server is listening: expected instance mine-2, found mine-1"), "{stderr}");
}

#[test]
fn the_second_line_has_a_random_instance() {
    let instance = || {
        let mut command = command();
        let mut child = command.args(["--port", "0"]).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let [first, second] = [(); 2].map(|()| lines.next().expect("a line").expect("text"));
        let url = first.strip_prefix("listening on ").expect("the first line has nothing but the URL").to_owned();
        let instance = second.strip_prefix("  instance       ").expect("the second line has the instance").to_owned();
        let checked = health(&["--url", &url, "--instance", &instance]);
        child.kill().expect("the server is running");
        child.wait().expect("the process can be awaited");
        assert_eq!(checked, (Some(0), String::new()));
        instance
    };
    assert_ne!(instance(), instance());
}

#[test]
fn an_environment_variable_names_the_instance_for_the_server_and_its_health_check() {
    let server = Server::start(&["--port", "0"], &[("TILEDESK_MOCK_INSTANCE", "shared")]);
    let url = format!("http://{}", server.authority());
    let check = |instance: &str| {
        let mut check = command();
        let check = check.args(["health", "--url", &url]).env("TILEDESK_MOCK_INSTANCE", instance);
        check.status().expect("the program starts").code()
    };
    assert_eq!(check("shared"), Some(0));
    assert_eq!(check("other"), Some(1));
}

#[test]
fn a_server_without_an_instance_is_not_recognized() {
    let old = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", old.local_addr().expect("an address"));
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = old.accept().expect("a client");
        let _ = stream.read(&mut [0; 1_024]).expect("a request");
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"status\":\"ok\"}")
            .expect("the client reads");
    });
    let (code, stderr) = health(&["--url", &url, "--instance", "mine"]);
    answering.join().expect("the server was called");
    assert_eq!(code, Some(1));
    assert!(stderr.contains("expected instance mine, found a server without an ID"), "{stderr}");
}

#[test]
fn an_invalid_instance_is_a_usage_error() {
    for instance in ["", "two words", "a/b"] {
        let output = run(&["--port", "0", "--instance", instance]);
        assert_eq!(output.status.code(), Some(2), "{instance:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("1 to 64 letters, digits, hyphens, underscores, and dots"), "{stderr}");
    }
}
