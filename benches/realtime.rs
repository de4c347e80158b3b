//! The realtime API: many clients receive the same changes over loopback, all in this process.

#![expect(clippy::print_stdout, reason = "prints the result table")]

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tiledesk_mock::{Config, Fake};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

const CLIENTS: usize = 1_000;
const CHANGES: usize = 100;
const ROUNDS: usize = 5;
const PROJECT: &str = "5b55e806c93dde00143163dd";
const REQUEST: &str = "support-group-L_OG76RYhR0XFiMf2PK";

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Client = WebSocketStream<tokio::net::TcpStream>;

#[tokio::main]
async fn main() {
    let fake = Fake::serve(&Config::default()).expect("a valid default world and a free port");
    println!(
        "| {CLIENTS} clients, {CHANGES} changes | frames/s | bytes per frame | changes made in | last frame after |"
    );
    println!("|---|---|---|---|---|");
    for (name, topic) in [
        ("messages", format!("/{PROJECT}/requests/{REQUEST}/messages")),
        ("a request", format!("/{PROJECT}/requests/{REQUEST}")),
    ] {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(round(&fake, &topic).await);
        }
        rounds.sort_by_key(|round| round.1);
        let (made, heard, bytes) = rounds[ROUNDS / 2];
        #[expect(clippy::cast_precision_loss, reason = "frames are counted in thousands")]
        let rate = (CLIENTS * CHANGES) as f64 / heard.as_secs_f64();
        println!("| {name} | {rate:.0} | {bytes} | {made:.0?} | {heard:.0?} |");
    }
    fake.stop().expect("the server stops cleanly");
}

/// The duration of the changes, the time until every client has received all of them, and the size of a frame in bytes.
async fn round(fake: &Fake, topic: &str) -> (Duration, Duration, usize) {
    let body = json!({"email": "andrea.leo@f21.it", "password": "123456"});
    let answer = call(fake, "POST", "/v3/auth/signin", "", &body).await;
    let token = answer["token"].as_str().expect("the token is a string");
    let address = format!("ws://{}/ws?token={}", fake.address(), token.trim_start_matches("JWT "));
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let stream = tokio::net::TcpStream::connect(fake.address()).await.expect("the server listens");
        let (mut client, _) = client_async(&address, stream).await.expect("users can connect");
        let frame = json!({"action": "subscribe", "payload": {"topic": topic}});
        client.send(Message::text(frame.to_string())).await.expect("the connection is open");
        next(&mut client).await;
        clients.push(client);
    }
    let start = Instant::now();
    let readers: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            tokio::spawn(async move {
                let mut bytes = 0;
                for _ in 0..CHANGES {
                    bytes = next(&mut client).await;
                }
                bytes
            })
        })
        .collect();
    let path = format!("/v3/{PROJECT}/requests/{REQUEST}");
    for number in 0..CHANGES {
        if topic.ends_with("messages") {
            call(fake, "POST", &format!("{path}/messages"), token, &json!({"text": format!("Message {number}")})).await;
        } else {
            call(fake, "PATCH", &path, token, &json!({"subject": format!("Subject {number}")})).await;
        }
    }
    let made = start.elapsed();
    let mut bytes = 0;
    for reader in readers {
        bytes = reader.await.expect("every client stays connected");
    }
    (made, start.elapsed(), bytes)
}

/// The size of the next frame in bytes.
async fn next(client: &mut Client) -> usize {
    match client.next().await {
        Some(Ok(Message::Text(text))) => text.len(),
        other => panic!("not a frame: {other:?}"),
    }
}

async fn call(fake: &Fake, method: &str, path: &str, token: &str, body: &Value) -> Value {
    let call = http::Request::builder().method(method).uri(path).header("content-type", "application/json");
    let call = if token.is_empty() { call } else { call.header("authorization", token) };
    let answer = fake.call(call.body(Bytes::from(body.to_string())).expect("a valid call")).await;
    assert!(answer.status().is_success(), "{path} returns {}", answer.status());
    serde_json::from_slice(answer.body()).expect("responses are JSON")
}
