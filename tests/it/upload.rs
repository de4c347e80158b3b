//! Responses to clients that are still sending their body.

use http::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{
    App, PROJECT,
    https::{Accepted, HttpsClient},
};

/// Size of the bodies in bytes.
const SIZE: usize = 20_000_000;

const OWNER: &str = "Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2";

/// Sends a whole call before reading the response, as most clients do, and returns the status.
async fn upload(app: &App, target: &str, headers: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(app.fake.address()).await?;
    let head = format!("POST {target} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {SIZE}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&vec![b'a'; SIZE]).await?;
    let mut line = vec![0; 12];
    stream.read_exact(&mut line).await?;
    let status = std::str::from_utf8(&line).ok().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.parse().ok());
    status.ok_or_else(|| std::io::Error::other(format!("{:?}", String::from_utf8_lossy(&line))))
}

#[tokio::test]
async fn a_rejection_reaches_a_client_that_is_still_uploading() {
    let app = App::new();
    let json = "content-type: application/json\r\n";
    let (form, authorized) =
        ("content-type: multipart/form-data; boundary=b\r\n", format!("authorization: {OWNER}\r\n"));
    for (target, headers, status) in [
        (format!("{PROJECT}/leads"), json.to_owned(), 401),
        (format!("{PROJECT}/leads"), format!("{json}{authorized}"), 413),
        ("/v3/nosuch/path".to_owned(), json.to_owned(), 404),
        (format!("{PROJECT}/files/assets"), form.to_owned(), 401),
        (format!("{PROJECT}/kb/csv"), format!("{form}{authorized}"), 413),
        ("/_control/state".to_owned(), json.to_owned(), 405),
        ("/_control/state".to_owned(), "origin: http://evil.example\r\n".to_owned(), 403),
    ] {
        for _ in 0..3 {
            let answered = upload(&app, &target, &headers).await;
            assert_eq!(answered.expect("a response instead of a connection reset"), status, "{target} {headers}");
        }
    }
}

#[tokio::test]
async fn a_rejection_reaches_a_client_that_uploads_over_tls() {
    let app = App::with(|config| config.tls_self_signed = true);
    for http1 in [true, false] {
        let client = HttpsClient::with(Accepted::Any, !http1);
        let url = format!("https://localhost:{}{PROJECT}/leads", app.fake.address().port());
        for _ in 0..3 {
            let call = client.call(Method::POST, &url).json(vec![b'a'; SIZE]);
            assert_eq!(
                call.send().await.expect("a response instead of a connection reset").status(),
                401,
                "HTTP/1: {http1}"
            );
        }
    }
}

#[tokio::test]
async fn a_connection_is_reused_after_a_rejection() {
    let app = App::new();
    let mut stream = TcpStream::connect(app.fake.address()).await.expect("the connection is accepted");
    let head = format!("POST {PROJECT}/leads HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("the request can be sent");
    stream.write_all(&vec![b'a'; 1_000_000]).await.expect("the request can be sent");
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await
        .expect("the request can be sent");
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.expect("the connection is closed in the end");
    let statuses: Vec<_> = answers.lines().filter_map(|line| line.split("HTTP/1.1 ").nth(1)).collect();
    assert_eq!(statuses, ["401 Unauthorized", "200 OK"], "{answers}");
}
