//! Frames: the JSON messages of both directions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::flaw::Flaw;

/// A frame to clients, rendered once for all recipients.
pub(super) type Frame = Arc<str>;

/// Whether a frame shows a created or an updated object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    Create,
    Update,
}

impl Method {
    /// The name on the timeline.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

/// A message from a client.
#[derive(PartialEq, Debug)]
pub(super) enum ClientMessage {
    Subscribe(String),
    Unsubscribe(String),
    /// Requests a pong, to check the connection.
    Ping,
    /// Response to a ping of the server.
    Pong,
    /// Publishes to all subscribers of a topic.
    Publish(String, Option<Value>),
    /// Publishes to all other subscribers of a topic.
    Broadcast(String, Option<Value>),
    /// Requests the name of the connection.
    Me,
}

impl ClientMessage {
    /// The action and the topic of the message for the timeline, which does not show heartbeats.
    pub(super) fn shown(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Subscribe(topic) => Some(("subscribe", topic)),
            Self::Unsubscribe(topic) => Some(("unsubscribe", topic)),
            Self::Publish(topic, _) => Some(("publish", topic)),
            Self::Broadcast(topic, _) => Some(("broadcast", topic)),
            Self::Me => Some(("me", "")),
            Self::Ping | Self::Pong => None,
        }
    }

    pub(super) fn read(text: &str) -> Result<Self, Flaw> {
        let mut frame: Value = serde_json::from_str(text).map_err(|error| Flaw::Json(error.to_string()))?;
        let action = match frame.get("action") {
            Some(Value::String(action)) => action.clone(),
            other => return Err(Flaw::Action(other.cloned().unwrap_or_default())),
        };
        let mut payload = frame.get_mut("payload").map(Value::take).unwrap_or_default();
        let topic = payload.get("topic").and_then(Value::as_str).map(str::to_owned).ok_or(Flaw::NoTopic);
        let mut message = || payload.as_object_mut()?.shift_remove("message");
        match action.as_str() {
            "subscribe" => topic.map(Self::Subscribe),
            "unsubscribe" => topic.map(Self::Unsubscribe),
            "publish" => Ok(Self::Publish(topic?, message())),
            "broadcast" => Ok(Self::Broadcast(topic?, message())),
            "heartbeat" => match message().as_ref().and_then(|message| message.get("text")?.as_str()) {
                Some("ping") => Ok(Self::Ping),
                Some("pong") => Ok(Self::Pong),
                _ => Err(Flaw::Heartbeat),
            },
            "me" => Ok(Self::Me),
            _ => Err(Flaw::Action(action.into())),
        }
    }
}

/// A frame with the contents of a topic.
pub(super) fn publish(topic: &str, method: Method, message: &[u8]) -> Frame {
    let method = match method {
        Method::Create => "CREATE",
        Method::Update => "UPDATE",
    };
    let message = std::str::from_utf8(message).expect("documents are rendered as text");
    let topic = Value::from(topic);
    format!(r#"{{"action":"publish","payload":{{"topic":{topic},"method":"{method}","message":{message}}}}}"#).into()
}

/// A frame published by a client.
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

/// The error frame for a rejected frame, sent in strict mode only.
pub(super) fn error(flaw: &Flaw) -> Frame {
    json!({"action": "error", "payload": {"message": flaw.to_string()}}).to_string().into()
}

/// The frame with the name of a connection.
pub(super) fn me(id: uuid::Uuid) -> Frame {
    json!({"action": "me", "payload": {"id": id.to_string(), "userId": null}}).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_frames_are_reported_with_their_flaw() {
        for (text, flaw) in [
            ("1", Flaw::Action(Value::Null)),
            ("null", Flaw::Action(Value::Null)),
            ("[]", Flaw::Action(Value::Null)),
            ("{}", Flaw::Action(Value::Null)),
            (r#"{"event":"heartbeat","data":{"message":"ping"}}"#, Flaw::Action(Value::Null)),
            (r#"{"action":"subscribe"}"#, Flaw::NoTopic),
            (r#"{"action":"subscribe","payload":null}"#, Flaw::NoTopic),
            (r#"{"action":"subscribe","payload":{"topic":1}}"#, Flaw::NoTopic),
            (r#"{"action":1,"payload":{"topic":"/a/b"}}"#, Flaw::Action(json!(1))),
            (r#"{"action":"shout","payload":{"topic":"/a/b"}}"#, Flaw::Action(json!("shout"))),
            (r#"{"action":"publish","payload":{"message":1}}"#, Flaw::NoTopic),
            (r#"{"action":"heartbeat","payload":{"message":"ping"}}"#, Flaw::Heartbeat),
            (r#"{"action":"heartbeat"}"#, Flaw::Heartbeat),
        ] {
            assert_eq!(ClientMessage::read(text), Err(flaw), "{text}");
        }
        for text in ["", "hello", "{"] {
            assert!(matches!(ClientMessage::read(text), Err(Flaw::Json(_))), "{text}");
        }
    }

    #[test]
    fn message_may_be_absent_or_null() {
        let nothing = ClientMessage::Publish("/a".into(), None);
        assert_eq!(ClientMessage::read(r#"{"action":"publish","payload":{"topic":"/a"}}"#), Ok(nothing));
        let null = ClientMessage::Publish("/a".into(), Some(Value::Null));
        assert_eq!(ClientMessage::read(r#"{"action":"publish","payload":{"topic":"/a","message":null}}"#), Ok(null));
    }
}
