//! The `health` command over HTTP and HTTPS, and its errors.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use super::{Server, run};

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
