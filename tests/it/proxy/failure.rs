//! Unreachable and unresponsive upstreams, truncated responses, and certificates.

use std::{fs, io::Write, net::TcpListener, time::Duration};

use super::{
    proxy_to,
    raw::{handling, head},
};
use crate::support::{App, PROJECT};

/// The problem that a call through a proxy to this URL ends with.
async fn problem(url: &str, status: u16) -> String {
    let proxy = proxy_to(url, |upstream, _| upstream.timeout = Duration::from_millis(300));
    let answer = proxy.agent().get(&format!("{PROJECT}/leads")).await;
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let title = answer.json_of(status)["title"].as_str().expect("a title").to_owned();
    let explanation = proxy.nobody().get("/_control/explain/1").await.json_of(200);
    assert_eq!(explanation["cause"], "upstream");
    title
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_upstream_is_a_502() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let title = problem(&format!("http://{free}"), 502).await;
    assert!(title.contains("Cannot connect to") && title.contains("refused"), "{title}");
    let title = problem("http://nowhere.invalid", 502).await;
    assert!(title.contains("nowhere.invalid"), "{title}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_does_not_respond_in_time_is_a_504() {
    let upstream = handling(|stream| {
        let sent = head(stream);
        std::thread::sleep(Duration::from_secs(3));
        sent
    });
    let title = problem(&upstream.url, 504).await;
    assert!(title.contains("did not respond within 300ms"), "{title}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_closes_the_connection_or_speaks_another_protocol_is_a_502() {
    let closing = handling(head);
    problem(&closing.url, 502).await;
    let other = handling(|stream| {
        let sent = head(stream);
        let _ = stream.write_all(b"SSH-2.0-OpenSSH\r\n");
        sent
    });
    problem(&other.url, 502).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_truncated_response_is_truncated_for_the_client() {
    let upstream = handling(|stream| {
        let sent = head(stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
        sent
    });
    let proxy = proxy_to(&upstream.url, |_, _| {});
    let got = reqwest::get(format!("{}{PROJECT}/leads", proxy.fake.url())).await.expect("the head arrives");
    assert_eq!(got.status().as_u16(), 200);
    assert!(got.bytes().await.is_err(), "the client notices");
    let call = proxy.nobody().get("/_control/journal").await.json_of(200)["calls"][0].clone();
    assert_eq!(call["answer"]["body"], "half");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_certificate_of_an_upstream_is_verified() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    fs::write(&certificate, made.cert.pem()).expect("the file is writable");
    fs::write(&key, made.signing_key.serialize_pem()).expect("the file is writable");
    let upstream = App::with(|config| {
        config.tls_cert = Some(certificate.clone());
        config.tls_key = Some(key);
    });
    let url = format!("https://localhost:{}", upstream.fake.address().port());
    let path = format!("{PROJECT}/leads");
    let title = problem(&url, 502).await;
    assert!(title.contains("certificate"), "{title}");
    let trusting = proxy_to(&url, |upstream, _| upstream.ca = Some(certificate));
    trusting.agent().get(&path).await.json_of(200);
    let insecure = proxy_to(&url, |upstream, _| upstream.insecure = true);
    insecure.agent().get(&path).await.json_of(200);
}
