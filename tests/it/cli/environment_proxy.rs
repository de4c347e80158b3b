//! `verify` calls servers through the proxies set in the environment.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use super::{command, finish};

/// The request head that the proxy receives while this server is verified, and the output of the program.
fn proxied(target: &str) -> (String, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let proxy = format!("http://ada:secret@{}", listener.local_addr().expect("an address"));
    let received = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("a request") == 1 {
            head.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n").expect("the client reads");
        String::from_utf8_lossy(&head).to_lowercase()
    });
    let mut command = command();
    command.args(["verify", "--target", target, "--as", "ada@example.com:123456"]);
    for name in ["REQUEST_METHOD", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "http_proxy", "https_proxy"] {
        command.env_remove(name);
    }
    command.env("HTTP_PROXY", &proxy).env("HTTPS_PROXY", &proxy);
    let output = finish(command);
    assert!(!output.status.success());
    (received.join().expect("the proxy was called"), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn plain_requests_are_sent_to_the_proxy() {
    let (head, reported) = proxied("http://api.example/v3");
    assert!(head.starts_with("post http://api.example/v3/auth/signin http/1.1\r\n"), "{head}");
    assert!(head.contains("host: api.example\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: basic ywrhonnly3jlda==\r\n"), "{head}");
    assert!(reported.contains("407"), "{reported}");
}

#[test]
fn encrypted_requests_are_tunneled() {
    let (head, reported) = proxied("https://api.example/v3");
    assert!(head.starts_with("connect api.example:443 http/1.1\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: basic ywrhonnly3jlda==\r\n"), "{head}");
    assert!(reported.contains("proxy authorization required"), "{reported}");
}
