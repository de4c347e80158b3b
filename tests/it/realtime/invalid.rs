//! Frames without effect: recorded in the journal, and reported in strict mode.

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    client_async,
    tungstenite::{ClientRequestBuilder, Message},
};

use super::{AGENT, OWNER, SERVED, UNSERVED, open, topic};
use crate::support::{
    App,
    socket::{Socket, token},
};

/// Frames that a lenient server ignores, with their status and a part of the error message.
fn invalid() -> Vec<(Message, u16, &'static str)> {
    let text = |frame: &str| Message::text(frame);
    let subscribe =
        |topic: String| Message::text(json!({"action": "subscribe", "payload": {"topic": topic}}).to_string());
    vec![
        (text("hello"), 400, "Expected a JSON object"),
        (Message::binary(vec![0, 1, 2]), 400, "binary"),
        (text("[]"), 400, "`action` is missing"),
        (
            text(r#"{"action":"subscrbe","payload":{"topic":"/a/b"}}"#),
            400,
            r#"Unknown `action` "subscrbe". Expected subscribe,"#,
        ),
        (text(r#"{"action":"subscribe","payload":{}}"#), 400, "`payload.topic` must be a string"),
        (text(r#"{"action":"heartbeat","payload":{"message":"ping"}}"#), 400, "`payload.message.text`"),
        (subscribe(topic("/leads")), 400, "Unknown topic"),
        (subscribe(topic(&format!("/requests/{}", "x".repeat(2_000)))), 400, "Unknown topic"),
        (subscribe("/000000000000000000000000/requests".into()), 404, "does not exist"),
        (subscribe("/5e2c35c8f0dbc10017bb3aac/requests".into()), 403, "not a member"),
        (subscribe(topic("/requests/unknown/messages")), 404, "does not exist, or the user may not see it"),
        (subscribe(topic("/project_users/5bb4d4d39214830015742b00")), 404, "may not see it"),
        (subscribe(topic("/events/0")), 404, "does not exist"),
        (
            text(r#"{"action":"unsubscribe","payload":{"topic":"/never/heard"}}"#),
            400,
            "Not subscribed to /never/heard.",
        ),
    ]
}

async fn strict(app: &App) -> Socket {
    let uri = format!("ws://{}/ws?token={}", app.fake.address(), token(app, "", AGENT).await);
    let request = ClientRequestBuilder::new(uri.parse().expect("a URI")).with_header("Prefer", "handling=strict");
    let stream = TcpStream::connect(app.fake.address()).await.expect("the server listens");
    Socket(client_async(request, stream).await.expect("users can connect").0)
}

async fn assert_answered(socket: &mut Socket) {
    for (frame, _, expected) in invalid() {
        socket.say(frame.clone()).await;
        let answer = socket.next().await.expect("the connection stays open");
        assert_eq!(answer["action"], "error", "{frame}: {answer}");
        let message = answer["payload"]["message"].as_str().expect("a string");
        assert!(message.contains(expected), "{frame}: {message}");
    }
}

#[tokio::test]
async fn strict_mode_reports_every_invalid_frame() {
    let app = App::with(|config| config.strict = true);
    let mut socket = Socket::of(&app, AGENT).await;
    assert_answered(&mut socket).await;
    // Frames that the reference server answers or accepts silently are not errors.
    socket.send(json!({"action": "heartbeat", "payload": {"message": {"text": "pong"}}})).await;
    assert_eq!(socket.first(&topic("/requests/unknown")).await, Value::Null);
    socket.unsubscribe(&topic("/requests/unknown")).await;
    socket.silent(&app).await;
}

#[tokio::test]
async fn a_connection_can_prefer_strict_handling() {
    let app = App::new();
    assert_answered(&mut strict(&app).await).await;
}

#[tokio::test]
async fn a_lenient_server_records_invalid_frames_in_the_journal() {
    let app = App::new();
    let mut socket = Socket::of(&app, AGENT).await;
    for (frame, ..) in invalid() {
        socket.say(frame).await;
    }
    socket.silent(&app).await;
    let journal = app.nobody().get("/_control/journal?method=WEBSOCKET").await.json_of(200);
    let calls = journal["calls"].as_array().expect("calls");
    assert_eq!(calls.len(), invalid().len());
    for (call, (frame, status, expected)) in calls.iter().zip(invalid()) {
        assert_eq!((&call["path"], &call["answer"]["status"]), (&json!("/v3/ws/"), &json!(status)), "{frame}");
        let message = call["answer"]["body"]["payload"]["message"].as_str().expect("a string");
        assert!(message.contains(expected), "{frame}: {message}");
    }
    assert_eq!(calls[3]["body"]["action"], "subscrbe");
    let explanation = app.nobody().get(&format!("/_control/explain/{}", calls[3]["id"])).await.json_of(200);
    assert_eq!(explanation["cause"], "quirk", "the reference server ignores such frames");
    assert!(explanation["rule"].as_str().expect("a string").contains("Unknown `action`"), "{explanation}");
}

#[tokio::test]
async fn invisible_messages_are_reported_as_not_found() {
    let app = App::with(|config| config.strict = true);
    let foreign = open(&app, "For the admin").await;
    let foreign = foreign["request_id"].as_str().expect("an id");
    let mut socket = Socket::of(&app, AGENT).await;
    socket.subscribe(&topic(&format!("/requests/{foreign}/messages"))).await;
    let answer = socket.next().await.expect("the connection stays open");
    assert!(answer["payload"]["message"].as_str().is_some_and(|text| text.contains("may not see it")), "{answer}");
    for request in [SERVED, UNSERVED] {
        socket.first(&topic(&format!("/requests/{request}/messages"))).await;
    }
}

#[tokio::test]
async fn a_connection_has_a_maximum_number_of_topics() {
    let app = App::with(|config| config.strict = true);
    let mut socket = Socket::of(&app, OWNER).await;
    for number in 0..1_024 {
        socket.first(&topic(&format!("/requests/{number}"))).await;
    }
    socket.subscribe(&topic("/requests")).await;
    let answer = socket.next().await.expect("the connection stays open");
    assert_eq!(answer["payload"]["message"], "A connection can subscribe to at most 1024 topics.");
    socket.first(&topic("/requests/7")).await;
    socket.unsubscribe(&topic("/requests/7")).await;
    socket.first(&topic("/requests")).await;
}
