//! A client of the realtime API on a real socket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message},
};

use super::App;

/// How long tests wait for a frame.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open connection.
pub(crate) struct Socket(pub(crate) WebSocketStream<TcpStream>);

impl Socket {
    /// Connects to this path, whose query contains the token.
    pub(crate) async fn open(app: &App, path: &str) -> Result<Self, Error> {
        Self::open_with_buffer(app, path, None).await
    }

    /// Like [`Self::open`], with the size of the receive buffer in bytes.
    pub(crate) async fn open_with_buffer(app: &App, path: &str, buffer: Option<u32>) -> Result<Self, Error> {
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(buffer) = buffer {
            socket.set_recv_buffer_size(buffer).expect("the buffer size is supported");
        }
        let stream = socket.connect(app.fake.address()).await.expect("the server listens");
        let (stream, _) = client_async(format!("ws://{}{path}", app.fake.address()), stream).await?;
        Ok(Self(stream))
    }

    /// Connects as a user of the default world.
    pub(crate) async fn of(app: &App, email: &str) -> Self {
        let token = token(app, "", email).await;
        Self::open(app, &format!("/v3/ws/?token={token}")).await.expect("users can connect")
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.say(Message::text(frame.to_string())).await;
    }

    pub(crate) async fn say(&mut self, message: Message) {
        self.0.send(message).await.expect("the connection is open");
    }

    pub(crate) async fn subscribe(&mut self, topic: &str) {
        self.send(json!({"action": "subscribe", "payload": {"topic": topic}})).await;
    }

    /// Subscribes, and returns the message of the first frame.
    pub(crate) async fn first(&mut self, topic: &str) -> Value {
        self.subscribe(topic).await;
        self.frame(topic, "CREATE").await
    }

    pub(crate) async fn unsubscribe(&mut self, topic: &str) {
        self.send(json!({"action": "unsubscribe", "payload": {"topic": topic}})).await;
    }

    /// The next frame, or `None` when the connection ends.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            let next =
                tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a frame or the end of the connection");
            match next {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).expect("frames are JSON")),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The message of the next frame. Asserts its topic and method.
    #[track_caller]
    pub(crate) fn frame<'a>(&'a mut self, topic: &'a str, method: &'a str) -> impl Future<Output = Value> + use<'a> {
        let caller = std::panic::Location::caller();
        async move {
            let mut frame = self.next().await.unwrap_or_else(|| panic!("the connection ended, {caller}"));
            let keys: Vec<_> = frame["payload"].as_object().into_iter().flat_map(|payload| payload.keys()).collect();
            assert_eq!(keys, ["topic", "method", "message"], "{caller}: {frame}");
            let said = (&frame["action"], &frame["payload"]["topic"], &frame["payload"]["method"]);
            assert_eq!(said, (&json!("publish"), &json!(topic), &json!(method)), "{caller}");
            frame["payload"]["message"].take()
        }
    }

    /// Asserts that no further frame was sent.
    #[track_caller]
    pub(crate) fn silent<'a>(&'a mut self, app: &'a App) -> impl Future<Output = ()> + use<'a> {
        let caller = std::panic::Location::caller();
        async move {
            taken(app).await;
            self.send(json!({"action": "heartbeat", "payload": {"message": {"text": "ping"}}})).await;
            let pong = json!({"action": "heartbeat", "payload": {"message": {"text": "pong"}}});
            assert_eq!(self.next().await, Some(pong), "{caller}");
        }
    }
}

/// Waits until everything committed so far has been published.
pub(crate) async fn taken(app: &App) {
    loop {
        let webhooks = app.nobody().get("/_control/webhooks").await.json_of(200);
        let deliveries = webhooks["deliveries"].as_array().expect("deliveries").iter();
        let waits = deliveries.filter(|delivery| delivery["state"] == "pending");
        // Retries wait for the frozen clock.
        if webhooks["pending"] == waits.count() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The token of a user, without the prefix `JWT`; `prefix` selects the sandbox.
pub(crate) async fn token(app: &App, prefix: &str, email: &str) -> String {
    let path = format!("{prefix}/v3/auth/signin");
    let answer = app.nobody().post(&path, json!({"email": email, "password": "123456"})).await.json_of(200);
    answer["token"].as_str().expect("the token is a string").trim_start_matches("JWT ").to_owned()
}
