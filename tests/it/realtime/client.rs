//! Clients that are silent, slow, or numerous, and clients during shutdown.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use super::{ADMIN, AGENT, OWNER, SERVED, UNSERVED, patch, path, say, topic};
use crate::support::{
    App,
    socket::{Socket, token},
};

#[tokio::test]
async fn silent_clients_are_disconnected_by_the_heartbeat() {
    let app = App::with(|config| config.heartbeat = Duration::from_millis(150));
    let (mut lively, mut silent) = (Socket::of(&app, OWNER).await, Socket::of(&app, ADMIN).await);
    let ping = json!({"action": "heartbeat", "payload": {"message": {"text": "ping"}}});
    assert_eq!(silent.next().await, Some(ping.clone()));
    for _ in 0..6 {
        assert_eq!(lively.next().await, Some(ping.clone()));
        lively.send(json!({"action": "heartbeat", "payload": {"message": {"text": "pong"}}})).await;
    }
    assert_eq!(silent.next().await, None);
}

#[tokio::test]
async fn concurrent_subscribers_receive_every_change_exactly_once() {
    const CHANGES: usize = 200;
    let app = App::new();
    let (name, own) = (topic(&format!("/requests/{UNSERVED}/messages")), topic(&format!("/requests/{UNSERVED}")));
    let known = app.owner().get(&path(&format!("/requests/{UNSERVED}/messages"))).await.json_of(200);
    let known = known.as_array().expect("messages").len();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                for number in 0..CHANGES {
                    say(&app, UNSERVED, &number.to_string()).await;
                    patch(&app, UNSERVED, &number.to_string()).await;
                }
            });
        });
        let readers: Vec<_> = (0..20)
            .map(|at| {
                let (app, name, own) = (&app, &name, &own);
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                    runtime.expect("a runtime").block_on(async {
                        // Staggered, not all at the same moment.
                        tokio::time::sleep(Duration::from_millis(at * 10)).await;
                        let mut socket = Socket::of(app, OWNER).await;
                        read_all(&mut socket, name, own, known, CHANGES).await
                    })
                })
            })
            .collect();
        writer.join().expect("the writer does not panic");
        let midway = readers.into_iter().map(|reader| reader.join().expect("no reader panics"));
        let midway: Vec<_> = midway.filter(|seen| (1..CHANGES).contains(seen)).collect();
        assert!(!midway.is_empty(), "no one subscribed during the changes");
    });
}

/// Subscribes to the messages and to the request, and expects every change exactly once, in the first frame or in a
/// separate one. Returns the number of messages in the first frame.
async fn read_all(socket: &mut Socket, messages: &str, request: &str, known: usize, changes: usize) -> usize {
    socket.subscribe(messages).await;
    socket.subscribe(request).await;
    let (mut texts, mut in_first, mut subject) = (Vec::new(), 0, None);
    while texts.len() < changes || subject != Some(changes - 1) {
        let frame = socket.next().await.expect("the connection stays open");
        let (payload, number) = (&frame["payload"], |value: &Value| value.as_str()?.parse::<usize>().ok());
        if payload["topic"] == request {
            let told = number(&payload["message"]["subject"]);
            match payload["method"].as_str() {
                Some("CREATE") => subject = told,
                // A message in an unserved request updates the request without changing the subject.
                _ if told == subject => {}
                _ => {
                    assert_eq!(told, Some(subject.map_or(0, |subject| subject + 1)));
                    subject = told;
                }
            }
        } else if let Some(all) = payload["message"].as_array() {
            texts = all[known..].iter().map(|message| number(&message["text"]).expect("a number")).collect();
            in_first = texts.len();
        } else {
            texts.push(number(&payload["message"]["text"]).expect("a number"));
        }
    }
    assert_eq!(texts, (0..changes).collect::<Vec<_>>());
    in_first
}

#[tokio::test]
async fn slow_clients_are_disconnected_and_others_are_not_affected() {
    const FRAMES: usize = 2_000;
    // Published by a client, because no commit is as large.
    let app = App::with(|config| config.faithful_holes = true);
    let token = token(&app, "", ADMIN).await;
    let path = format!("/ws?token={token}");
    let mut slow = Socket::open_with_buffer(&app, &path, Some(4_096)).await.expect("a user");
    let (mut teller, mut reader) = (Socket::of(&app, OWNER).await, Socket::of(&app, AGENT).await);
    let name = topic("/requests");
    slow.first(&name).await;
    reader.first(&name).await;
    let text = "x".repeat(16_384);
    for number in 0..FRAMES {
        let payload = json!({"topic": name, "message": {"number": number, "text": text}});
        teller.send(json!({"action": "broadcast", "payload": payload})).await;
        let frame = reader.next().await.expect("clients that read stay connected");
        assert_eq!(frame["payload"]["message"]["number"], number);
    }
    patch(&app, SERVED, "the API goes on").await;
    assert_eq!(reader.frame(&name, "UPDATE").await["subject"], "the API goes on");
    let mut read = 0;
    while slow.next().await.is_some() {
        read += 1;
    }
    assert!(read < FRAMES, "{read} frames");
    reader.silent(&app).await;
}

#[tokio::test]
async fn a_hundred_clients_receive_the_same_frames() {
    let app = App::new();
    let token = token(&app, "", OWNER).await;
    let name = topic("/requests");
    let mut sockets = Vec::new();
    for _ in 0..100 {
        let mut socket = Socket::open(&app, &format!("/ws?token={token}")).await.expect("a user");
        socket.first(&name).await;
        sockets.push(socket);
    }
    for number in 0..20 {
        patch(&app, SERVED, &number.to_string()).await;
    }
    for socket in &mut sockets {
        for number in 0..20 {
            assert_eq!(socket.frame(&name, "UPDATE").await["subject"], number.to_string());
        }
    }
    for mut socket in sockets.split_off(50) {
        socket.0.close(None).await.expect("the client can disconnect");
    }
    patch(&app, SERVED, "after").await;
    for socket in &mut sockets {
        assert_eq!(socket.frame(&name, "UPDATE").await["subject"], "after");
    }
}

#[tokio::test]
async fn a_reset_keeps_clients_connected() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let name = topic("/requests");
    socket.first(&name).await;
    patch(&app, SERVED, "before").await;
    assert_eq!(socket.frame(&name, "UPDATE").await["subject"], "before");
    app.nobody().post("/_control/reset", json!({})).await.json_of(200);
    patch(&app, SERVED, "after").await;
    let told = socket.frame(&name, "UPDATE").await;
    assert_eq!((&told["subject"], &told["updatedAt"]), (&json!("after"), &json!("2026-01-01T12:00:00.000Z")));
    let first = socket.first(&name).await;
    assert_eq!(first.as_array().map(Vec::len), Some(2));
    patch(&app, SERVED, "again").await;
    assert_eq!(socket.frame(&name, "UPDATE").await["subject"], "again");
}

#[tokio::test]
async fn shutdown_closes_connections_immediately() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let name = topic("/requests");
    socket.first(&name).await;
    patch(&app, SERVED, "the last").await;
    let start = Instant::now();
    app.fake.stop().expect("the server stops cleanly");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(socket.frame(&name, "UPDATE").await["subject"], "the last", "committed changes are still published");
    match socket.0.next().await {
        Some(Ok(Message::Close(Some(frame)))) => assert_eq!(frame.code, CloseCode::Away),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_does_not_delay_shutdown() {
    // Published by a client, because no commit is as large.
    let app = App::with(|config| config.faithful_holes = true);
    let token = token(&app, "", ADMIN).await;
    let mut slow = Socket::open_with_buffer(&app, &format!("/ws?token={token}"), Some(4_096)).await.expect("a user");
    let name = topic("/requests");
    slow.first(&name).await;
    let text = "x".repeat(500_000);
    for _ in 0..40 {
        let payload = json!({"topic": name, "message": text});
        slow.0
            .feed(Message::text(json!({"action": "publish", "payload": payload}).to_string()))
            .await
            .expect("the connection is open");
    }
    slow.0.flush().await.expect("the connection is open");
    let start = Instant::now();
    app.fake.stop().expect("the server stops cleanly");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}
