//! Frames: JSON texts of both directions.

use std::sync::Arc;

use serde_json::{Value, json};

/// A frame to clients, rendered once for all of them.
pub(super) type Frame = Arc<str>;

/// What happened to what a frame shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    Create,
    Update,
}

/// What a client wants.
#[derive(PartialEq, Debug)]
pub(super) enum Wish {
    Subscribe(String),
    Unsubscribe(String),
    /// To be answered, so that it knows that it is connected.
    Ping,
    /// Tells all who are subscribed to a topic.
    Publish(String, Option<Value>),
    /// The same, except whoever says it.
    Broadcast(String, Option<Value>),
    /// Asks for the name of its connection.
    Me,
}

impl Wish {
    /// Nothing for what makes no sense, which is not answered.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut frame: Value = serde_json::from_str(text).ok()?;
        let mut payload = frame.get_mut("payload").map(Value::take).unwrap_or_default();
        let topic = payload.get("topic").and_then(Value::as_str).map(str::to_owned);
        let mut message = || payload.as_object_mut()?.shift_remove("message");
        match frame.get("action")?.as_str()? {
            "subscribe" => topic.map(Self::Subscribe),
            "unsubscribe" => topic.map(Self::Unsubscribe),
            "publish" => Some(Self::Publish(topic?, message())),
            "broadcast" => Some(Self::Broadcast(topic?, message())),
            "heartbeat" => (message()?.get("text")? == "ping").then_some(Self::Ping),
            "me" => Some(Self::Me),
            _ => None,
        }
    }
}

/// What a topic tells.
pub(super) fn publish(topic: &str, method: Method, message: &[u8]) -> Frame {
    let method = match method {
        Method::Create => "CREATE",
        Method::Update => "UPDATE",
    };
    let message = std::str::from_utf8(message).expect("documents are rendered as text");
    let topic = Value::from(topic);
    format!(r#"{{"action":"publish","payload":{{"topic":{topic},"method":"{method}","message":{message}}}}}"#).into()
}

/// What a client tells.
pub(super) fn relayed(topic: &str, message: Option<Value>) -> Frame {
    let mut payload = json!({"topic": topic});
    if let Some(message) = message {
        payload["message"] = message;
    }
    json!({"action": "publish", "payload": payload}).to_string().into()
}

pub(super) fn heartbeat(text: &str) -> Frame {
    json!({"action": "heartbeat", "payload": {"message": {"text": text}}}).to_string().into()
}

/// The name of a connection.
pub(super) fn me(id: uuid::Uuid) -> Frame {
    json!({"action": "me", "payload": {"id": id.to_string(), "userId": null}}).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_no_wish() {
        for text in [
            "",
            "hello",
            "1",
            "null",
            "[]",
            "{}",
            r#"{"action":"subscribe"}"#,
            r#"{"action":"subscribe","payload":null}"#,
            r#"{"action":"subscribe","payload":{"topic":1}}"#,
            r#"{"action":1,"payload":{"topic":"/a/b"}}"#,
            r#"{"action":"shout","payload":{"topic":"/a/b"}}"#,
            r#"{"action":"publish","payload":{"message":1}}"#,
            r#"{"action":"heartbeat","payload":{"message":{"text":"pong"}}}"#,
            r#"{"action":"heartbeat","payload":{"message":"ping"}}"#,
            r#"{"action":"heartbeat"}"#,
        ] {
            assert_eq!(Wish::read(text), None, "{text}");
        }
        let nothing = Wish::Publish("/a".into(), None);
        assert_eq!(Wish::read(r#"{"action":"publish","payload":{"topic":"/a"}}"#), Some(nothing));
        let null = Wish::Publish("/a".into(), Some(Value::Null));
        assert_eq!(Wish::read(r#"{"action":"publish","payload":{"topic":"/a","message":null}}"#), Some(null));
    }
}
