//! Changes of the proxy to messages, and streaming of bodies.

use std::{io::Write, net::TcpStream};

use http::Method;
use serde_json::json;

use super::{
    pair, proxy_to,
    raw::{handling, head, responding, until},
};
use crate::support::{PROJECT, seed::LEAD};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hop_by_hop_headers_are_not_forwarded() {
    let upstream = responding(
        "HTTP/1.1 200 OK\r\nconnection: close, x-private\r\nx-private: 1\r\nkeep-alive: timeout=5\r\nx-public: 2\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\r\n{}",
    );
    let proxy = proxy_to(&format!("{}/base/", upstream.url), |_, _| {});
    let headers = [
        ("host", "mock.example"),
        ("connection", "x-secret-hop"),
        ("x-secret-hop", "1"),
        ("te", "deflate"),
        ("proxy-authorization", "Basic YTpi"),
        ("x-end-to-end", "2"),
        ("x-forwarded-for", "203.0.113.7"),
    ];
    let answer = proxy.agent().send(Method::GET, &format!("{PROJECT}/leads?page=1"), &headers, "").await;
    let sent = upstream.received.recv().expect("a request").to_lowercase();
    assert!(sent.starts_with("get /base/v3/5b55e806c93dde00143163dd/leads?page=1 http/1.1\r\n"), "{sent}");
    let authority = upstream.url.trim_start_matches("http://");
    for line in [
        &*format!("host: {authority}"),
        "x-end-to-end: 2",
        "authorization: basic",
        "x-forwarded-for: 203.0.113.7, 127.0.0.1",
        "x-forwarded-host: mock.example",
        "x-forwarded-proto: http",
        "forwarded: for=127.0.0.1;host=\"mock.example\";proto=http",
        "via: 1.1 tiledesk-mock",
    ] {
        assert!(sent.contains(line), "{line} is in {sent}");
    }
    for name in ["x-secret-hop", "te:", "proxy-authorization"] {
        assert!(!sent.contains(name), "{name} is in {sent}");
    }
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "{}"));
    assert_eq!(answer.header("x-public"), Some("2"));
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    assert!(["connection", "x-private", "keep-alive"].iter().all(|name| answer.header(name).is_none()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_stream_in_both_directions() {
    // The upstream answers each part before the client sends the next.
    let upstream = handling(|stream| {
        let sent = head(stream);
        let first = until(stream, "one\r\n");
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        let second = until(stream, "0\r\n\r\n");
        let _ = stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n");
        sent + &first + &second
    });
    let proxy = proxy_to(&upstream.url, |_, _| {});
    let address = proxy.fake.address();
    let answer = tokio::task::spawn_blocking(move || {
        let mut client = TcpStream::connect(address).expect("the proxy listens");
        client.set_read_timeout(Some(std::time::Duration::from_secs(10))).expect("a timeout");
        let head =
            format!("POST {PROJECT}/leads HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        client.write_all(head.as_bytes()).expect("the request can be sent");
        let first = until(&mut client, "first\r\n");
        client.write_all(b"3\r\ntwo\r\n0\r\n\r\n").expect("the request can be sent");
        first + &until(&mut client, "0\r\n\r\n")
    });
    let answer = answer.await.expect("the client ends");
    assert!(answer.contains("first\r\n") && answer.ends_with("second\r\n0\r\n\r\n"), "{answer}");
    let sent = upstream.received.recv().expect("a request");
    assert!(sent.contains("one") && sent.contains("two"), "{sent}");
    let journal = proxy.nobody().get("/_control/journal").await.json_of(200);
    let call = &journal["calls"][0];
    assert_eq!((&call["body"], &call["truncated"]), (&json!("onetwo"), &json!(false)));
    assert_eq!(call["answer"]["body"], "firstsecond");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn declared_trailers_pass_in_both_directions() {
    for fail_on in [None, Some(tiledesk_mock::FailOn::Violation)] {
        let upstream = handling(|stream| {
            let sent = head(stream);
            let body = if sent.starts_with("POST") {
                until(stream, "0\r\n") + &until(stream, "\r\n\r\n")
            } else {
                String::new()
            };
            let response = "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\ntrailer: x-t\r\n\r\n2\r\na\n\r\n0\r\nx-t: v\r\n\r\n";
            let _ = stream.write_all(response.as_bytes());
            sent + &body
        });
        let proxy = proxy_to(&upstream.url, |settings, _| settings.fail_on = fail_on);
        let address = proxy.fake.address();
        let exchange = async |method: &'static str, rest: &'static str| {
            let call = move || {
                let mut client = TcpStream::connect(address).expect("the proxy listens");
                client.set_read_timeout(Some(std::time::Duration::from_secs(10))).expect("a timeout");
                let line = format!("{method} /v3/5b55e806c93dde00143163dd/leads/csv HTTP/1.1");
                let sent = format!("{line}\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n{rest}");
                client.write_all(sent.as_bytes()).expect("the request can be sent");
                let head = head(&mut client);
                head + &until(&mut client, "\r\n\r\n")
            };
            tokio::task::spawn_blocking(call).await.expect("the client ends").to_lowercase()
        };
        let answer = exchange("GET", "\r\n").await;
        let sent = upstream.received.recv().expect("a request").to_lowercase();
        assert!(answer.contains("trailer: x-t") && answer.ends_with("0\r\nx-t: v\r\n\r\n"), "{fail_on:?}: {answer}");
        assert!(sent.contains("te: trailers") && sent.contains("connection: te"), "{sent}");
        if fail_on.is_none() {
            let body = "Transfer-Encoding: chunked\r\nTrailer: X-C\r\n\r\n3\r\none\r\n0\r\nX-C: w\r\n\r\n";
            exchange("POST", body).await;
            let sent = upstream.received.recv().expect("a request").to_lowercase();
            assert!(sent.contains("trailer: x-c") && sent.ends_with("0\r\nx-c: w\r\n\r\n"), "{sent}");
        }
    }
}

#[tokio::test]
async fn only_the_beginning_of_a_large_body_is_recorded() {
    let (_upstream, proxy) = pair();
    let large = "x".repeat(2_000_000);
    let path = format!("{PROJECT}/leads");
    let headers = [("content-type", "application/json"), ("content-length", "2000000")];
    let answer = proxy.agent().send(Method::POST, &path, &headers, large).await;
    assert_eq!(answer.status.as_u16(), 413, "the upstream rejects it");
    let call = proxy.nobody().get("/_control/journal").await.json_of(200)["calls"][0].clone();
    assert_eq!(call["truncated"], true);
    assert!(call["body"].as_str().is_some_and(|body| body.len() <= 512_000));
}

#[tokio::test]
async fn a_head_response_keeps_its_content_length() {
    let (upstream, proxy) = pair();
    let path = format!("{PROJECT}/leads/{LEAD}");
    let length = upstream.agent().get(&path).await.body.len().to_string();
    let answer = proxy.agent().call(Method::HEAD, &path, None).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-length"), Some(&*length));
    assert!(super::violations(&proxy).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compressed_responses_pass_unchanged_and_are_recorded_decoded() {
    // `{}`, in an uncompressed block.
    let upstream = handling(|stream| {
        let sent = head(stream);
        let gzip = [
            &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1, 2, 0, 0xfd, 0xff][..],
            b"{}",
            &[0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0],
        ]
        .concat();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            gzip.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), &gzip].concat());
        sent
    });
    let proxy = proxy_to(&upstream.url, |_, _| {});
    let answer = proxy.agent().get(&format!("{PROJECT}/leads/{LEAD}")).await;
    assert_eq!((answer.header("content-encoding"), answer.body[0]), (Some("gzip"), 0x1f));
    let call = proxy.nobody().get("/_control/journal").await.json_of(200)["calls"][0].clone();
    assert_eq!(call["answer"]["body"], json!({}));
}
