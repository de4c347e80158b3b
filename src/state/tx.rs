//! Transactions, which read their own writes, set the timestamps of written documents, and are published as a whole or
//! not at all.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    callout::{Callout, CalloutReplies, CalloutReply},
    event::{Event, EventName, Rights, Subject},
    tables::Collection,
    version::State,
};
use crate::{
    resource::project::document::Project,
    store::{Doc, Merges, Term},
    value::{Error, Id, RawId, Result, Timestamp, id::IdSource},
};

/// A transaction.
pub(crate) struct Tx {
    state: State,
    project: Option<Id<Project>>,
    now: Timestamp,
    events: Vec<Event>,
    rights: Rights,
    /// Merges to run after publication, concurrently with later transactions.
    merges: Merges<State>,
    /// `None` if callouts are disabled.
    answers: Option<CalloutReplies>,
    question: Option<Callout>,
    /// Whether the transaction removed a document.
    removed: bool,
    /// The ticket number of the next request, if it was set.
    ticket: Option<u32>,
}

/// The result of a transaction.
pub(crate) struct Done {
    pub(crate) state: State,
    pub(crate) events: Vec<Event>,
    pub(crate) rights: Rights,
    pub(crate) merges: Merges<State>,
}

impl Tx {
    pub(crate) fn new(
        state: State,
        project: Option<Id<Project>>,
        now: Timestamp,
        answers: Option<CalloutReplies>,
    ) -> Self {
        let rights = Rights::Kept;
        Self {
            state,
            project,
            now,
            events: Vec::new(),
            rights,
            merges: Merges::default(),
            answers,
            question: None,
            removed: false,
            ticket: None,
        }
    }

    pub(crate) fn finish(self) -> Done {
        Done { state: self.state, events: self.events, rights: self.rights, merges: self.merges }
    }

    /// Whether the transaction can only increase memory use.
    pub(crate) fn only_adds(&self) -> bool {
        !self.removed
    }

    /// The callout that has to be made before the transaction can run.
    pub(crate) fn question(&mut self) -> Option<Callout> {
        self.question.take()
    }

    /// Returns the reply of an event's subscribers. If it has not arrived yet, returns an error, which the rule must
    /// pass on; the rule then runs again.
    pub(crate) fn ask(&mut self, event: EventName, payload: impl FnOnce(&State) -> Bytes) -> Result<CalloutReply> {
        let Some(answers) = &mut self.answers else { return Ok(None) };
        let project = self.project.filter(|project| self.state.has_subscribers(*project, event));
        let Some(project) = project else { return Ok(None) };
        if let Some(answer) = answers.next() {
            return Ok(answer);
        }
        self.question = Some(Callout { event, project, at: self.now, payload: payload(&self.state) });
        Err(Error::INTERNAL)
    }

    /// The state including the changes of this transaction.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The project in the request path.
    pub(crate) fn project(&self) -> Id<Project> {
        self.project.expect("only rules of project resources call this, and they run in a project's scope")
    }

    /// The time of this transaction.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn new_id<T>(&mut self) -> Id<T> {
        self.state.ids.id(self.now)
    }

    pub(crate) fn new_uuid(&mut self) -> String {
        self.state.ids.uuid().to_string()
    }

    /// Replaces the ID generator, and returns the previous one.
    pub(crate) fn replace_ids(&mut self, ids: IdSource) -> IdSource {
        std::mem::replace(&mut self.state.ids, ids)
    }

    /// Sets the ticket number of the next request in this project. Later requests get numbers after the highest.
    pub(crate) fn number_next_ticket(&mut self, ticket: u32) {
        self.ticket = Some(ticket);
    }

    /// The ticket number of a new request in this project.
    pub(crate) fn next_ticket(&mut self) -> u32 {
        let project = self.project();
        match self.ticket.take() {
            Some(ticket) => {
                let last = self.state.tickets.entry(project).or_default();
                *last = ticket.max(*last);
                ticket
            }
            None => self.state.next_ticket(project),
        }
    }

    /// A copy of a document of this project, to modify and put back.
    pub(crate) fn get<T: Collection>(&self, id: &RawId<T>) -> Result<T> {
        self.state.find(self.project, id).map(|doc| doc.value().into_owned()).ok_or(Error::OBJECT_NOT_FOUND)
    }

    /// A copy of a document, by an ID taken from another document.
    pub(crate) fn by_id<T: Collection>(&self, id: Id<T>) -> Result<T> {
        let doc = T::table(&self.state.tables).get(id);
        doc.map(|doc| doc.value().into_owned()).ok_or(Error::OBJECT_NOT_FOUND)
    }

    /// A copy of the first document with a term, to modify and put back.
    pub(crate) fn find<T: Collection>(&self, term: Term) -> Option<T> {
        T::table(&self.state.tables).find(term).map(|doc| doc.value().into_owned())
    }

    /// Writes a document, and sets its `updatedAt` to the time of this transaction.
    pub(crate) fn put<T: Collection>(&mut self, mut value: T) -> Result<Arc<Doc<T>>> {
        value.touch(self.now);
        value.normalize();
        self.put_as_is(value)
    }

    /// Writes a document without changing it.
    pub(crate) fn put_as_is<T: Collection>(&mut self, value: T) -> Result<Arc<Doc<T>>> {
        self.note_rights(value.id(), Some(&value));
        // Departs: Creating a duplicate of a unique value returns 409; the reference server fails with 500.
        let put = self.merges.put(&mut self.state, value);
        put.map_err(|duplicate| Error::duplicate(duplicate.0))
    }

    /// Removes a document of this project permanently.
    pub(crate) fn remove<T: Collection>(&mut self, id: &RawId<T>) -> Result<Arc<Doc<T>>> {
        let id = self.state.find(self.project, id).ok_or(Error::OBJECT_NOT_FOUND)?.value().id();
        self.remove_by_id(id)
    }

    /// Removes a document, by an ID taken from another document.
    pub(crate) fn remove_by_id<T: Collection>(&mut self, id: Id<T>) -> Result<Arc<Doc<T>>> {
        self.note_rights::<T>(id, None);
        self.removed = true;
        T::table_mut(&mut self.state.tables).remove(id).ok_or(Error::OBJECT_NOT_FOUND)
    }

    /// Removes the project and all its documents.
    pub(crate) fn remove_project(&mut self) -> Result<Arc<Doc<Project>>> {
        let project = self.project();
        let removed = self.remove_by_id(project)?;
        self.remove_of_project(project);
        Ok(removed)
    }

    /// Removes all documents of a project.
    pub(super) fn remove_of_project(&mut self, project: Id<Project>) {
        self.state.tables.remove_project(project);
        self.rights = Rights::Ended;
    }

    /// Records whether permissions end when `after` replaces a document, or when it is removed.
    fn note_rights<T: Collection>(&mut self, id: Id<T>, after: Option<&T>) {
        if !T::GIVES_RIGHTS || self.rights == Rights::Ended {
            return;
        }
        let before = T::table(&self.state.tables).get(id);
        if before.is_some_and(|before| before.value().ends_rights(after)) {
            self.rights = Rights::Ended;
        }
    }

    /// Emits an event about a document, which is published with the transaction.
    pub(crate) fn emit<T: Collection>(&mut self, name: EventName, doc: &Arc<Doc<T>>)
    where
        Subject: From<Arc<Doc<T>>>,
    {
        let project = self.project.or_else(|| doc.value().project());
        self.events.push(Event { name, project, at: self.now, subject: Subject::from(doc.clone()) });
    }
}

impl State {
    /// The document with an ID, if it belongs to `project`.
    //
    // Departs: An ID that does not exist in the project returns 404 unless the documentation specifies another error;
    // the reference server creates the object on PUT, returns 200 with `null` on some DELETEs, fails with 500 on
    // malformed IDs, returns 403 for the knowledge base of a new content, and finds many objects of other projects.
    pub(crate) fn find<T: Collection>(&self, project: Option<Id<Project>>, id: &RawId<T>) -> Option<&Arc<Doc<T>>> {
        T::table(&self.tables).get(id.id()?).filter(|doc| project.is_none() || T::owner(doc) == project)
    }
}
