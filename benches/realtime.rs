//! The realtime API: many clients hear of the same changes over loopback, all in this process.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

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
    let fake = Fake::serve(&Config::default()).expect("the default world is valid and there is a free port");
    println!(
        "| {CLIENTS} clients, {CHANGES} changes | frames/s | bytes of a frame | changes made in | last frame after |"
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
    fake.stop().expect("it stops well");
}

/// How long the changes took, how long until everybody had heard of all, and the bytes of a frame.
async fn round(fake: &Fake, topic: &str) -> (Duration, Duration, usize) {
    let body = json!({"email": "andrea.leo@f21.it", "password": "123456"});
    let answer = call(fake, "POST", "/v3/auth/signin", "", &body).await;
    let token = answer["token"].as_str().expect("a token is a text");
    let address = format!("ws://{}/ws?token={}", fake.address(), token.trim_start_matches("JWT "));
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let stream = tokio::net::TcpStream::connect(fake.address()).await.expect("the server listens");
        let (mut client, _) = client_async(&address, stream).await.expect("users may connect");
        let frame = json!({"action": "subscribe", "payload": {"topic": topic}});
        client.send(Message::text(frame.to_string())).await.expect("it is connected");
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
        bytes = reader.await.expect("nobody is dropped");
    }
    (made, start.elapsed(), bytes)
}

/// The bytes of the next frame.
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
    assert!(answer.status().is_success(), "{path} answers {}", answer.status());
    serde_json::from_slice(answer.body()).expect("answers are JSON")
}
