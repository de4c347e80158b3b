//! A project of a sandbox, as the scope in which rules read and write.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    callout::{Callout, CalloutReply},
    event::EventName,
    sandbox::Sandbox,
    tx::Tx,
    version::State,
};
use crate::{
    resource::project::document::Project,
    value::{Id, Result},
};

/// A project of a sandbox. Clones share the sandbox.
#[derive(Clone)]
pub(crate) struct ProjectScope {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) project: Id<Project>,
}

impl ProjectScope {
    /// Reads the current state, which does not change while `look` runs.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.sandbox.state())
    }

    /// Changes the state: publishes the changes if `change` returns `Ok`, and discards them otherwise.
    pub(crate) fn write<R>(&self, change: impl FnOnce(&mut Tx) -> Result<R>) -> Result<R> {
        self.sandbox.write(Some(self.project), change)
    }

    /// Like [`Self::write`], for a change that may need callouts. It runs again after each reply.
    pub(crate) async fn write_with_callouts<R>(&self, change: impl Fn(&mut Tx) -> Result<R>) -> Result<R> {
        self.sandbox.write_with_callouts(self.project, change).await
    }

    /// Makes a callout to the subscribers of an event, if there are any.
    pub(crate) async fn ask(&self, event: EventName, payload: impl FnOnce(&State) -> Bytes) -> CalloutReply {
        let (project, at) = (self.project, self.sandbox.clock.now());
        let payload = self.read(|state| state.has_subscribers(project, event).then(|| payload(state)))?;
        self.sandbox.ask(Callout { event, project, at, payload }).await
    }
}
