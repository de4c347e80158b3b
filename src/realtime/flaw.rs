//! Reasons why a client frame has no effect. The reference server ignores such frames; here the journal records them,
//! and strict mode responds with an error frame.

use std::fmt;

use poem::http::StatusCode;
use serde_json::Value;

/// A flaw of a frame.
#[derive(PartialEq, Debug)]
pub(super) enum Flaw {
    Binary,
    /// Contains the parser's error.
    Json(String),
    /// An action that is unknown, not a string, or absent (`null`).
    Action(Value),
    NoTopic,
    Heartbeat,
    Topic(String),
    UnknownProject,
    NotAMember,
    /// The token was revoked, or the account was closed.
    Unauthorized,
    /// Clients may not publish; only the server may.
    Publish,
    /// The topic's object does not exist, or the caller may not see it.
    Hidden(String),
    NotSubscribed(String),
    /// The client already has the maximum number of topics.
    TooMany(usize),
}

impl Flaw {
    /// The status of the frame in the journal.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::UnknownProject | Self::Hidden(_) => StatusCode::NOT_FOUND,
            Self::NotAMember | Self::Publish => StatusCode::FORBIDDEN,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ACTIONS: &str = "subscribe, unsubscribe, publish, broadcast, heartbeat, or me";
        match self {
            Self::Binary => f.write_str("Expected a text frame, got a binary one."),
            Self::Json(error) => write!(f, "Expected a JSON object: {error}."),
            Self::Action(Value::Null) => write!(f, "`action` is missing. Expected {ACTIONS}."),
            Self::Action(action) => write!(f, "Unknown `action` {action}. Expected {ACTIONS}."),
            Self::NoTopic => f.write_str("`payload.topic` must be a string."),
            Self::Heartbeat => f.write_str("`payload.message.text` must be \"ping\" or \"pong\"."),
            Self::Topic(topic) => write!(
                f,
                "Unknown topic {topic:?}. Expected /PROJECT followed by /requests, /requests/ID, /requests/ID/messages, \
                 /project_users/ID, /project_users/users/ID, /bots/ID, /events/ID, /events/ID/NAME, or a wildcard (/*)."
            ),
            Self::UnknownProject => f.write_str("The project of the topic does not exist."),
            Self::NotAMember => f.write_str("The user is not a member of the topic's project."),
            Self::Unauthorized => f.write_str("The token was revoked, or its account was closed."),
            Self::Publish => f.write_str(
                "Only the server publishes frames. Start it with --faithful-holes to publish frames of clients, too.",
            ),
            Self::Hidden(topic) => write!(f, "The object of {topic} does not exist, or the user may not see it."),
            Self::NotSubscribed(topic) => write!(f, "Not subscribed to {topic}."),
            Self::TooMany(most) => write!(f, "A connection can subscribe to at most {most} topics."),
        }
    }
}
