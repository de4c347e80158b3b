//! Clients that are slow, stop in the middle of a request, or close their half of the connection.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use crate::support::App;

fn impatient() -> App {
    App::with(|config| {
        config.header_timeout = Duration::from_millis(300);
        config.body_timeout = Duration::from_millis(300);
    })
}

/// Everything the server sends until it closes the connection.
fn answer(app: &App, sent: &[u8]) -> (String, Duration, TcpStream) {
    let mut stream = TcpStream::connect(app.fake.address()).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    stream.write_all(sent).expect("the request can be sent");
    let (mut text, start) = (String::new(), Instant::now());
    stream.read_to_string(&mut text).expect("the server closes the connection");
    (text, start.elapsed(), stream)
}

#[test]
fn an_unfinished_request_head_times_out() {
    let app = impatient();
    for sent in [&b"GET / HT"[..], b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-"] {
        let (text, time, _) = answer(&app, sent);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 408"), "{text}");
        assert!(time < Duration::from_secs(10), "{time:?}");
    }
}

#[test]
fn an_unfinished_body_is_rejected_with_408() {
    let app = impatient();
    for (path, type_) in
        [("/v3/auth/signin", "application/json"), ("/v3/images/public", "multipart/form-data; boundary=x")]
    {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {type_}\r\ncontent-length: 100\r\n\r\n{{\"em"
        );
        let (text, time, _) = answer(&app, head.as_bytes());
        assert!(text.starts_with("HTTP/1.1 408"), "{path}: {text}");
        assert!(time < Duration::from_secs(10), "{time:?}");
    }
}

#[test]
fn a_slow_body_that_makes_progress_is_read() {
    let app = impatient();
    let body = br#"{"email":"andrea.leo@f21.it","password":"123456"}"#;
    let mut stream = TcpStream::connect(app.fake.address()).expect("the server listens");
    let head = format!(
        "POST /v3/auth/signin HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("the request can be sent");
    for part in body.chunks(10) {
        std::thread::sleep(Duration::from_millis(100));
        stream.write_all(part).expect("the request can be sent");
    }
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("a response");
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

#[test]
fn a_half_closed_client_gets_its_response() {
    let app = App::new();
    let mut stream = TcpStream::connect(app.fake.address()).expect("the server listens");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("the request can be sent");
    stream.shutdown(Shutdown::Write).expect("the write half can be closed");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("a response");
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with(r#"{"status":"ok"}"#), "{text}");
}

#[test]
fn an_http2_connection_without_a_request_is_closed() {
    let app = impatient();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for sent in [&preface[..8], &preface[..]] {
        let mut stream = TcpStream::connect(app.fake.address()).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        stream.write_all(sent).expect("the preface can be sent");
        let (mut bytes, start) = (Vec::new(), Instant::now());
        stream.read_to_end(&mut bytes).expect("the server closes the connection");
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
}

#[test]
fn a_client_that_stops_reading_is_disconnected() {
    let app = impatient();
    let (mut stream, copies) = (TcpStream::connect(app.fake.address()).expect("the server listens"), 20);
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    for _ in 0..copies {
        stream.write_all(b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("the request can be sent");
    }
    std::thread::sleep(Duration::from_secs(2));
    let (mut received, mut buffer, mut responses) = (Vec::new(), vec![0; 1 << 16], 0);
    while let Ok(bytes @ 1..) = stream.read(&mut buffer) {
        received.extend_from_slice(&buffer[..bytes]);
        responses = received.windows(12).filter(|window| window == b"HTTP/1.1 200").count();
        if responses == copies {
            break;
        }
    }
    assert!(responses < copies, "the server kept waiting and sent all {copies} responses");
}

#[tokio::test]
async fn a_large_response_counts_against_the_memory_budget_while_it_is_sent() {
    const SIZE: u64 = 16 << 20;
    let app = App::with(|config| (config.self_check, config.journal) = (false, 0));
    let used = async || app.nobody().get("/healthz?deep").await.json_of(200)["memory"]["used"].as_u64().expect("bytes");
    let content = "1".repeat(usize::try_from(SIZE).expect("16 MB"));
    let form = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n{content}\r\n--x--\r\n"
    );
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let uploaded = app.owner().send(http::Method::POST, "/v3/files/users", &headers, form).await.json_of(201);
    let path = uploaded["filename"].as_str().expect("a path").to_owned();
    let before = used().await;
    let mut stream = TcpStream::connect(app.fake.address()).expect("the server listens");
    let request = format!("GET /v3/files?path={path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the request can be sent");
    let reaches = async |is_reached: &dyn Fn(u64) -> bool| {
        for _ in 0..500 {
            if is_reached(used().await) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    };
    assert!(reaches(&|now| now >= before + SIZE / 2).await, "the response is charged");
    drop(stream);
    assert!(reaches(&|now| now < before + SIZE / 2).await, "the charge ends with the connection");
}
