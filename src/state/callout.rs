//! Callouts: synchronous webhooks whose response decides how a change proceeds.
//!
//! A transaction never waits. If it needs a reply, it is abandoned, and runs again once the reply has arrived.

use bytes::Bytes;
use serde_json::Value;

use super::event::EventName;
use crate::{
    resource::project::document::Project,
    value::{Id, Timestamp},
};

/// A callout to the subscribers of an event.
pub(crate) struct Callout {
    pub(crate) event: EventName,
    pub(crate) project: Id<Project>,
    pub(crate) at: Timestamp,
    /// The event payload.
    pub(crate) payload: Bytes,
}

/// The deciding reply as JSON, or `None` if no subscriber sent a valid one.
pub(crate) type CalloutReply = Option<Value>;

/// The replies so far, in the order in which the transaction needs them.
#[derive(Clone, Default)]
pub(crate) struct CalloutReplies {
    given: Vec<CalloutReply>,
    asked: usize,
}

impl CalloutReplies {
    pub(crate) fn add(&mut self, answer: CalloutReply) {
        self.given.push(answer);
    }

    /// The reply to the next callout, if it has arrived.
    pub(crate) fn next(&mut self) -> Option<CalloutReply> {
        let answer = self.given.get(self.asked).cloned();
        self.asked += 1;
        answer
    }
}
