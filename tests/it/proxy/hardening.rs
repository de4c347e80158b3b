//! Hostile and unusual messages in either direction.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use http::Method;
use serde_json::json;

use super::{
    pair, proxy_to,
    raw::{handling, head, responding},
};
use crate::support::{
    App, PROJECT,
    seed::{LEAD, PROJECT_ID},
};

/// The response to a raw request, up to the end of the connection or a pause.
async fn exchange(app: &App, request: String) -> String {
    let address = app.fake.address();
    let exchange = move || {
        let mut stream = TcpStream::connect(address).expect("the proxy listens");
        stream.set_read_timeout(Some(Duration::from_secs(2))).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("the request can be sent");
        let mut answer = Vec::new();
        // The connection may stay open.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::task::spawn_blocking(exchange).await.expect("the client ends")
}

/// A proxy to this URL that records to a directory.
fn recorder(url: &str, directory: &Path) -> App {
    proxy_to(url, |upstream, _| upstream.record = Some(directory.to_owned()))
}

/// The texts of all recorded files.
fn recorded(directory: &Path) -> Vec<String> {
    let files = fs::read_dir(directory).expect("the directory exists").flatten();
    files.map(|file| fs::read_to_string(file.path()).expect("the file is readable")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_with_another_transfer_coding_is_not_forwarded() {
    let (upstream, proxy) = pair();
    let request = format!(
        "POST {PROJECT}/leads HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"
    );
    let answer = exchange(&proxy, request).await;
    assert!(answer.starts_with("HTTP/1.1 501") && answer.contains("gzip"), "{answer}");
    assert_eq!(upstream.nobody().get("/_control/journal/count").await.json_of(200)["count"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_response_with_another_transfer_coding_is_a_502() {
    let upstream = responding(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: gzip, chunked\r\nconnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    );
    let proxy = proxy_to(&upstream.url, |_, _| {});
    let answer = proxy.agent().get(&format!("{PROJECT}/leads/{LEAD}")).await;
    let problem = answer.json_of(502);
    assert!(problem["title"].as_str().is_some_and(|title| title.contains("transfer coding \"gzip\"")), "{problem}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_about_the_server_itself_are_not_forwarded() {
    let (upstream, proxy) = pair();
    let answer = exchange(&proxy, "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned()).await;
    assert!(answer.starts_with("HTTP/1.1 501") || answer.starts_with("HTTP/1.1 2"), "{answer}");
    let journal = upstream.nobody().get("/_control/journal").await.json_of(200);
    assert_eq!(journal["count"], 0, "{journal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_websockets_may_switch_protocols() {
    let upstream = responding("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    let proxy = proxy_to(&upstream.url, |_, _| {});
    let request = format!(
        "GET {PROJECT}/leads HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
    );
    let answer = exchange(&proxy, request).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let sent = upstream.received.recv().expect("a request").to_lowercase();
    assert!(!sent.contains("upgrade") && !sent.contains("h2c") && !sent.contains("http2-settings"), "{sent}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unsolicited_protocol_switch_is_a_502() {
    let upstream = responding("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    let proxy = proxy_to(&upstream.url, |_, _| {});
    proxy.agent().get(&format!("{PROJECT}/leads")).await.json_of(502);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_of_a_request_cannot_break_out_of_the_forwarded_header() {
    let upstream = responding("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    let proxy = proxy_to(&upstream.url, |_, _| {});
    let host = [("host", "a\";for=203.0.113.7;x=\"")];
    proxy.agent().send(Method::GET, &format!("{PROJECT}/leads"), &host, "").await;
    let sent = upstream.received.recv().expect("a request").to_lowercase();
    let forwarded = sent.lines().find_map(|line| line.strip_prefix("forwarded: ")).expect("the header");
    assert_eq!(forwarded, "for=127.0.0.1;proto=http");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_in_broken_bodies_and_paths_are_not_recorded() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let upstream = App::new();
    let proxy = recorder(&upstream.fake.url(), folder.path());
    let json = [("content-type", "application/json")];
    let broken = r#"{"email":"ada@analytical.example","password":"hunter22","#;
    proxy.nobody().send(Method::POST, "/v3/auth/signin", &json, broken).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "email=ada%40analytical.example&password=hunter22";
    proxy.nobody().send(Method::POST, "/v3/auth/signin", &form, body).await;
    let key = "7f3c9a52-0b61-4c55-9d0e-3a2d4f1b8e77";
    proxy.nobody().get(&format!("/v3/auth/checkpswresetkey/{key}")).await;
    proxy.nobody().put(&format!("/v3/auth/resetpsw/{key}"), json!({"password": "hunter22"})).await;
    proxy.nobody().get(&format!("{PROJECT}/leads?secret_token=hunter22&token=hunter22")).await;
    proxy.owner().get(&format!("/v3/projects/{PROJECT_ID}")).await.json_of(200);
    proxy.owner().get(&format!("{PROJECT}/keys/generate")).await;
    proxy.fake.stop().expect("the proxy stops, and the recording is complete");
    let files = recorded(folder.path());
    assert!(files.len() >= 6, "{files:#?}");
    let project = upstream.fake.default_sandbox().state()["projects"][0].clone();
    let own = project["jwtSecret"].as_str().unwrap_or("hunter22").to_owned();
    for file in &files {
        for secret in ["hunter22", "ada@", "ada%40", key, &own] {
            assert!(!file.contains(secret), "{secret} is in {file}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_response_is_bounded_and_not_recorded() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let upstream = handling(|stream| {
        let sent = head(stream);
        if sent.contains("/endless") {
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n");
            let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
            while stream.write_all(chunk.as_bytes()).is_ok() {}
        } else {
            let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
        }
        sent
    });
    let proxy = recorder(&upstream.url, folder.path());
    let mut answer = reqwest::get(format!("{}/v3/endless", proxy.fake.url())).await.expect("the head arrives");
    let mut arrived = 0;
    while arrived < 3_000_000 {
        arrived += answer.chunk().await.expect("the body continues").expect("the body continues").len();
    }
    drop(answer);
    proxy.nobody().get("/v3/other").await.json_of(404);
    let call = proxy.nobody().get("/_control/explain/1").await.json_of(200);
    assert!(call.to_string().len() < 2_000_000, "only the beginning is kept");
    proxy.fake.stop().expect("the proxy stops, and the recording is complete");
    let files = recorded(folder.path());
    assert!(files.len() == 1 && files[0].contains("/v3/other"), "{files:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn devices_are_not_recordings() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("000001-a.json")).expect("a link");
    let config = tiledesk_mock::Config { replay: Some(folder.path().to_owned()), ..Default::default() };
    let error = tiledesk_mock::Fake::serve(&config).map(drop).expect_err("a device is not a recording").to_string();
    assert!(error.contains("expected a regular file"), "{error}");
}
