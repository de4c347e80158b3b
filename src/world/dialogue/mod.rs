//! Conversations written as a dialogue. They are performed by the rules of the API, with the clock at the time of each
//! line, so that requests, messages, and everything that follows from them are as if clients had made the calls.

mod content;
mod line;
mod plan;
mod play;
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

/// Fields of a conversation that the message that opens it takes as they are.
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
    /// The ticket number (default: in the order of time).
    pub(super) ticket: Option<u32>,
    /// The number after which the identifiers of its documents count.
    pub(super) ids: u64,
    pub(super) visitor: Visitor,
    /// What the message that opens the conversation contains besides its text.
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

/// Something that happens in a conversation.
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) pointer: String,
    /// The number after which the identifiers of its documents count (default: those of the step before).
    pub(super) ids: Option<u64>,
    pub(super) act: Act,
}

/// What happens, and who does it.
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
