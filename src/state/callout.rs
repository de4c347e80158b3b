//! Questions: what the outside is asked before something is done.
//!
//! A transaction does not wait. One that has to know an answer is given up, and run again once the answer is there.

use bytes::Bytes;
use serde_json::Value;

use super::event::EventName;
use crate::{
    resource::project::document::Project,
    value::{Id, Timestamp},
};

/// What the subscribers to an event are asked.
pub(crate) struct Callout {
    pub(crate) event: EventName,
    pub(crate) project: Id<Project>,
    pub(crate) at: Timestamp,
    /// What they are told.
    pub(crate) payload: Bytes,
}

/// What they answered, in JSON; nothing where nobody said anything that is to be minded.
pub(crate) type CalloutReply = Option<Value>;

/// What a transaction was answered, in the order in which it asks.
#[derive(Clone, Default)]
pub(crate) struct CalloutReplies {
    given: Vec<CalloutReply>,
    asked: usize,
}

impl CalloutReplies {
    pub(crate) fn add(&mut self, answer: CalloutReply) {
        self.given.push(answer);
    }

    /// The answer to the next question, if it was given before.
    pub(crate) fn next(&mut self) -> Option<CalloutReply> {
        let answer = self.given.get(self.asked).cloned();
        self.asked += 1;
        answer
    }
}
