//! A transaction: reads what it wrote itself, stamps what it writes, and is published whole or not at all.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    callout::{Callout, CalloutReplies, CalloutReply},
    event::{Event, EventName, Rights, Subject},
    sandbox::Sandbox,
    tables::Collection,
    version::State,
};
use crate::{
    resource::project::document::Project,
    store::{Doc, Term},
    value::{
        Error, Id, RawId, Result, Timestamp,
        error::{ErrorBody, ErrorKind},
    },
};

/// A change under way.
pub(crate) struct Tx {
    state: State,
    project: Option<Id<Project>>,
    now: Timestamp,
    events: Vec<Event>,
    rights: Rights,
    /// What is to be done when it is published, beside what goes on.
    due: Vec<Due>,
    /// Nothing where nobody is asked.
    answers: Option<CalloutReplies>,
    question: Option<Callout>,
    /// Whether it removed a document.
    removed: bool,
}

/// What a transaction leaves to be done.
type Due = fn(&Sandbox);

/// What a transaction did.
pub(crate) struct Done {
    pub(crate) state: State,
    pub(crate) events: Vec<Event>,
    pub(crate) rights: Rights,
    pub(crate) due: Vec<Due>,
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
            due: Vec::new(),
            answers,
            question: None,
            removed: false,
        }
    }

    pub(crate) fn finish(self) -> Done {
        Done { state: self.state, events: self.events, rights: self.rights, due: self.due }
    }

    /// Whether memory can only grow with it.
    pub(crate) fn only_adds(&self) -> bool {
        !self.removed
    }

    /// What it has to know before it can be run.
    pub(crate) fn question(&mut self) -> Option<Callout> {
        self.question.take()
    }

    /// Asks the subscribers to an event. Where the answer is not there yet this is an error, which the rule hands on; the
    /// rule is then run again.
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

    /// The state with what this transaction did so far.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The project of the path.
    pub(crate) fn project(&self) -> Id<Project> {
        self.project.expect("only rules of a project's resources ask, and those are run in its scope")
    }

    /// The moment of this transaction.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn new_id<T>(&mut self) -> Id<T> {
        self.state.ids.id(self.now)
    }

    pub(crate) fn new_uuid(&mut self) -> String {
        self.state.ids.uuid().to_string()
    }

    /// The number of a new request of this project.
    pub(crate) fn next_ticket(&mut self) -> u32 {
        let project = self.project();
        self.state.next_ticket(project)
    }

    /// A copy of a document of this project, to be changed and put back.
    pub(crate) fn get<T: Collection>(&self, id: &RawId<T>) -> Result<T> {
        self.state.find(self.project, id).map(|doc| doc.value().into_owned()).ok_or(Error::OBJECT_NOT_FOUND)
    }

    /// A copy of the document of an id that another document holds.
    pub(crate) fn by_id<T: Collection>(&self, id: Id<T>) -> Result<T> {
        let doc = T::table(&self.state.tables).get(id);
        doc.map(|doc| doc.value().into_owned()).ok_or(Error::OBJECT_NOT_FOUND)
    }

    /// The first document that has `term`, to be changed and put back.
    pub(crate) fn find<T: Collection>(&self, term: Term) -> Option<T> {
        T::table(&self.state.tables).find(term).map(|doc| doc.value().into_owned())
    }

    /// Writes a document; its `updatedAt` becomes the moment of this transaction.
    pub(crate) fn put<T: Collection>(&mut self, mut value: T) -> Result<Arc<Doc<T>>> {
        value.touch(self.now);
        value.normalize();
        self.note_rights(value.id(), Some(&value));
        // Departs: Creating a duplicate of a unique value returns 409; the reference server fails with 500.
        let table = T::table_mut(&mut self.state.tables);
        let doc = table.put(value).map_err(|duplicate| {
            let text = format!("There is another one with this {}.", duplicate.0);
            Error::new(ErrorKind::Conflict, ErrorBody::Msg(text.into()))
        })?;
        if table.needs_merge() {
            self.due.push(Sandbox::file::<T>);
        }
        Ok(doc)
    }

    /// Removes a document of this project for good.
    pub(crate) fn remove<T: Collection>(&mut self, id: &RawId<T>) -> Result<Arc<Doc<T>>> {
        let id = self.state.find(self.project, id).ok_or(Error::OBJECT_NOT_FOUND)?.value().id();
        self.remove_by_id(id)
    }

    /// Removes the document of an id that another document holds.
    pub(crate) fn remove_by_id<T: Collection>(&mut self, id: Id<T>) -> Result<Arc<Doc<T>>> {
        self.note_rights::<T>(id, None);
        self.removed = true;
        T::table_mut(&mut self.state.tables).remove(id).ok_or(Error::OBJECT_NOT_FOUND)
    }

    /// Removes the project and everything that belongs to it.
    pub(crate) fn remove_project(&mut self) -> Result<Arc<Doc<Project>>> {
        let project = self.project();
        let removed = self.remove_by_id(project)?;
        self.state.tables.remove_project(project);
        self.rights = Rights::Ended;
        Ok(removed)
    }

    /// Notes whether rights end when `after` takes the place of a document, or nothing does.
    fn note_rights<T: Collection>(&mut self, id: Id<T>, after: Option<&T>) {
        if !T::GIVES_RIGHTS || self.rights == Rights::Ended {
            return;
        }
        let before = T::table(&self.state.tables).get(id);
        if before.is_some_and(|before| before.value().ends_rights(after)) {
            self.rights = Rights::Ended;
        }
    }

    /// Says that something happened to a document. It is told once the transaction is published.
    pub(crate) fn emit<T: Collection>(&mut self, name: EventName, doc: &Arc<Doc<T>>)
    where
        Subject: From<Arc<Doc<T>>>,
    {
        let project = self.project.or_else(|| doc.value().project());
        self.events.push(Event { name, project, at: self.now, subject: Subject::from(doc.clone()) });
    }
}

impl State {
    /// The document of that id, if it belongs to `project`.
    //
    // Departs: An ID that does not exist in the project returns 404 unless the documentation specifies another error;
    // the reference server creates the object on PUT, returns 200 with `null` on some DELETEs, fails with 500 on
    // malformed IDs, and finds many objects of other projects.
    pub(crate) fn find<T: Collection>(&self, project: Option<Id<Project>>, id: &RawId<T>) -> Option<&Arc<Doc<T>>> {
        T::table(&self.tables).get(id.id()?).filter(|doc| project.is_none() || T::owner(doc) == project)
    }
}
