//! Conversations written as dialogues. They are performed by the rules of the API, with the clock at the time of each
//! line, so that requests, messages, and all their effects are the same as if clients had made the calls.

mod content;
mod line;
mod plan;
mod play;
mod request_id;
mod timing;
mod transcribe;

use serde_json::{Map, Value};

pub(super) use self::{
    plan::plan,
    play::play,
    timing::start,
    transcribe::{Transcript, transcripts},
};
use crate::{
    resource::project::document::Project,
    value::{Id, Text, Timestamp},
};

/// Fields of a conversation that are copied to its first message.
const OPENING: [&str; 11] = [
    "attributes",
    "channel",
    "email",
    "language",
    "location",
    "preflight",
    "priority",
    "senderFullname",
    "sourcePage",
    "subject",
    "userAgent",
];

/// The other fields.
const FIELDS: [&str; 11] = [
    "project",
    "lead",
    "visitor",
    "at",
    "department",
    "participants",
    "followers",
    "request_id",
    "ticket_id",
    "ids",
    "dialogue",
];

/// A conversation that can be performed.
pub(super) struct Conversation {
    pub(super) project: Id<Project>,
    pub(super) request_id: Text,
    /// The ticket number (default: chronological).
    pub(super) ticket: Option<u32>,
    /// The number after which the identifiers of its documents count.
    pub(super) ids: u64,
    pub(super) visitor: Visitor,
    /// The fields of the first message, other than its text.
    pub(super) opening: Map<String, Value>,
    pub(super) steps: Vec<Step>,
    pub(super) source: usize,
}

/// The visitor of a conversation.
pub(super) struct Visitor {
    pub(super) id: Text,
    pub(super) fullname: Option<Text>,
    pub(super) email: Option<Text>,
}

/// A step of a conversation.
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) pointer: String,
    /// The number after which the identifiers of its documents count (default: continuing from the previous step).
    pub(super) ids: Option<u64>,
    pub(super) act: Act,
}

/// An act and its actor.
pub(super) enum Act {
    Say(Speaker, Map<String, Value>),
    Close(Option<Speaker>),
    Reopen,
    Join(Speaker),
    Leave(Speaker),
    Route(String),
    Note(Option<Speaker>, String),
    Rate(Map<String, Value>),
    Tag(Vec<Value>),
}

/// A speaker in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Speaker {
    Visitor,
    User(String),
    Bot(String),
    /// The bot that serves the conversation.
    ServingBot,
}
