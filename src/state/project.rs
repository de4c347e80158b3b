//! One project of a sandbox: what the rules of a project's resources see of the world.

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

/// A project of a sandbox. Cloning it is a reference count.
#[derive(Clone)]
pub(crate) struct ProjectScope {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) project: Id<Project>,
}

impl ProjectScope {
    /// Looks at the state as it is now. What `look` sees does not change under it.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.sandbox.state())
    }

    /// Changes the state: all that `change` does is published when it answers `Ok`, and nothing otherwise.
    pub(crate) fn write<R>(&self, change: impl FnOnce(&mut Tx) -> Result<R>) -> Result<R> {
        self.sandbox.write(Some(self.project), change)
    }

    /// The same for a change that may have to ask the outside. It is run again with each answer.
    pub(crate) async fn write_with_callouts<R>(&self, change: impl Fn(&mut Tx) -> Result<R>) -> Result<R> {
        self.sandbox.write_with_callouts(self.project, change).await
    }

    /// Asks the subscribers to an event, if there are any.
    pub(crate) async fn ask(&self, event: EventName, payload: impl FnOnce(&State) -> Bytes) -> CalloutReply {
        let (project, at) = (self.project, self.sandbox.clock.now());
        let payload = self.read(|state| state.has_subscribers(project, event).then(|| payload(state)))?;
        self.sandbox.ask(Callout { event, project, at, payload }).await
    }
}
