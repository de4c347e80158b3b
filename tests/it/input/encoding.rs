//! Compressed bodies.

use std::io::Write;

use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use http::Method;
use serde_json::json;

use crate::support::{Answer, App, PROJECT};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).expect("writing to a vector cannot fail");
    encoder.finish().expect("writing to a vector cannot fail")
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).expect("writing to a vector cannot fail");
    encoder.finish().expect("writing to a vector cannot fail")
}

/// `{"fullname":"Gina"}`, compressed by `brotli`.
const BROTLI: &[u8] = b"\x0b\x09\x80{\x22fullname\x22:\x22Gina\x22}\x03";

async fn create(app: &App, encoding: &str, body: Vec<u8>) -> Answer {
    let headers = [("content-type", "application/json"), ("content-encoding", encoding)];
    app.agent().send(Method::POST, &format!("{PROJECT}/leads"), &headers, body).await
}

#[tokio::test]
async fn compressed_bodies_are_read_and_recorded_decoded() {
    let text = br#"{"fullname":"Gina"}"#;
    let app = App::new();
    for (encoding, body) in [
        ("gzip", gzip(text)),
        ("GZIP", gzip(text)),
        ("deflate", deflate(text)),
        ("br", BROTLI.to_vec()),
        ("identity", text.to_vec()),
        ("deflate, gzip", gzip(&deflate(text))),
    ] {
        let created = create(&app, encoding, body).await.json_of(200);
        assert_eq!(created["fullname"], "Gina", "{encoding}");
    }
    let calls = app.nobody().get("/_control/journal").await.json_of(200)["calls"].clone();
    for call in calls.as_array().expect("calls") {
        assert_eq!(call["body"], json!({"fullname": "Gina"}));
    }
    assert_eq!(calls[0]["headers"]["content-encoding"], "gzip", "headers are recorded as sent");
}

#[tokio::test]
async fn unknown_encodings_are_415_and_corrupt_bodies_400() {
    let app = App::new();
    for strict in ["handling=lenient", "handling=strict"] {
        let path = format!("{PROJECT}/leads");
        let send = async |encoding, body: Vec<u8>| {
            let headers = [("content-type", "application/json"), ("content-encoding", encoding), ("prefer", strict)];
            app.agent().send(Method::POST, &path, &headers, body).await
        };
        let unknown = send("nonsense", b"{}".to_vec()).await;
        assert_eq!((unknown.status.as_u16(), unknown.header("content-type")), (415, Some("text/plain; charset=utf-8")));
        assert!(unknown.text().contains("\"nonsense\""), "{}", unknown.text());
        let whole = gzip(b"{}");
        for damaged in [b"{}".to_vec(), whole[..whole.len() - 3].to_vec()] {
            let answer = send("gzip", damaged).await;
            assert_eq!(answer.status, 400, "{}", answer.text());
        }
    }
    let control = [("content-encoding", "nonsense")];
    app.nobody().send(Method::PUT, "/_control/clock", &control, "{}").await.json_of(415);
    let get = app.agent().send(Method::GET, &format!("{PROJECT}/leads"), &control, "").await;
    assert_eq!(get.status, 200, "no body to decode");
}

#[tokio::test]
async fn a_decompression_bomb_is_413() {
    let app = App::new();
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let refused = create(&app, "gzip", bomb.clone()).await.json_of(413);
    assert_eq!(refused["limit"], 512_000);
    let twice = create(&app, "gzip, gzip", gzip(&bomb)).await;
    assert_eq!(twice.status, 413);
    app.nobody().send(Method::PUT, "/_control/clock", &[("content-encoding", "gzip")], bomb).await.json_of(413);
}

#[tokio::test]
async fn uploads_and_the_control_api_accept_compressed_bodies() {
    let app = App::new();
    let nobody = app.nobody();
    let gzipped = [("content-encoding", "gzip")];
    let clock = gzip(br#"{"advance":"1s"}"#);
    nobody.send(Method::PUT, "/_control/clock", &gzipped, clock).await.json_of(200);
    let state = nobody.get("/_control/state").await;
    nobody.send(Method::PUT, "/_control/state", &gzipped, gzip(&state.body)).await.json_of(200);
    let form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=b"), gzipped[0]];
    let path = format!("{PROJECT}/files/assets");
    app.admin().send(Method::POST, &path, &headers, gzip(form.as_bytes())).await.json_of(201);
}
