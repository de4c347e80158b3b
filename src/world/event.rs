//! What happened: the closed list of events, and the numbered log of those that were committed.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;

use super::Id;
use crate::resource::project::model::Project;

/// Committed events that are remembered.
const REMEMBERED: usize = 1_000;

/// Everything that can happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EventName {
    RequestCreate,
    RequestUpdate,
    RequestClose,
    MessageCreate,
    LeadCreate,
    DepartmentCreate,
    DepartmentUpdate,
    DepartmentDelete,
    GroupCreate,
    GroupUpdate,
    GroupDelete,
    TeammateInvite,
    TeammateUpdate,
    TeammateDelete,
    ProjectCreate,
    ProjectUpdate,
    ProjectDelete,
    UserSignUp,
}

impl EventName {
    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RequestCreate => "request.create",
            Self::RequestUpdate => "request.update",
            Self::RequestClose => "request.close",
            Self::MessageCreate => "message.create",
            Self::LeadCreate => "lead.create",
            Self::DepartmentCreate => "department.create",
            Self::DepartmentUpdate => "department.update",
            Self::DepartmentDelete => "department.delete",
            Self::GroupCreate => "group.create",
            Self::GroupUpdate => "group.update",
            Self::GroupDelete => "group.delete",
            Self::TeammateInvite => "project_user.invite",
            Self::TeammateUpdate => "project_user.update",
            Self::TeammateDelete => "project_user.delete",
            Self::ProjectCreate => "project.create",
            Self::ProjectUpdate => "project.update",
            Self::ProjectDelete => "project.delete",
            Self::UserSignUp => "user.signup",
        }
    }
}

/// Something that happened to a document.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: EventName,
    /// Nothing for what belongs to no project.
    pub(crate) project: Option<Id<Project>>,
    /// The document after the change.
    pub(crate) payload: Bytes,
}

/// The events of a sandbox in the order of their commits.
#[derive(Default)]
pub(crate) struct Outbox(Mutex<Log>);

#[derive(Default)]
struct Log {
    /// The number of the next event.
    next: u64,
    last: VecDeque<(u64, Arc<Event>)>,
}

impl Outbox {
    pub(super) fn push(&self, events: Vec<Event>) {
        let mut log = self.0.lock();
        for event in events {
            let (number, bytes) = (log.next, event.payload.len());
            tracing::debug!(number, event = event.name.as_str(), project = ?event.project, bytes, "committed");
            log.last.push_back((number, Arc::new(event)));
            log.next += 1;
            if log.last.len() > REMEMBERED {
                log.last.pop_front();
            }
        }
    }
}
