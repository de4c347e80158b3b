//! A version of the state: the documents of a sandbox at a point in time, and the generators of IDs and ticket numbers.

use imbl::OrdMap;

use super::{
    hole::Holes,
    tables::{Collection, Tables},
};
use crate::{
    resource::project::document::Project,
    store::{Holds, Table},
    value::{Id, Timestamp, id::IdSource},
};

/// Everything that calls can change. Clones share whatever does not change afterwards.
pub(crate) struct State {
    pub(crate) tables: Tables,
    pub(crate) ids: IdSource,
    /// The last ticket number of each project. Numbers are never reused.
    pub(crate) tickets: OrdMap<Id<Project>, u32>,
    /// Constant for the lifetime of the server.
    pub(crate) holes: Holes,
    /// Incremented by every publication, so that it orders states.
    pub(crate) revision: u64,
    /// Time of the latest write since the documents were loaded. The clock cannot be set to a time before it.
    pub(crate) written_at: Timestamp,
}

impl Clone for State {
    fn clone(&self) -> Self {
        Self {
            tables: self.tables.clone(),
            ids: self.ids.clone(),
            tickets: self.tickets.clone(),
            holes: self.holes,
            revision: self.revision,
            written_at: self.written_at,
        }
    }

    fn clone_from(&mut self, other: &Self) {
        self.tables.clone_from(&other.tables);
        if !self.tickets.ptr_eq(&other.tickets) {
            self.tickets.clone_from(&other.tickets);
        }
        (self.ids, self.holes, self.revision) = (other.ids.clone(), other.holes, other.revision);
        self.written_at = other.written_at;
    }
}

impl<T: Collection> Holds<T> for State {
    fn table(&self) -> &Table<T> {
        T::table(&self.tables)
    }

    fn table_mut(&mut self) -> &mut Table<T> {
        T::table_mut(&mut self.tables)
    }
}

impl State {
    pub(crate) fn new(tables: Tables, ids: IdSource, holes: Holes) -> Self {
        let mut tickets: OrdMap<Id<Project>, u32> = OrdMap::new();
        for request in tables.requests.iter() {
            let request = request.value();
            let last = tickets.entry(request.id_project).or_default();
            *last = request.ticket_id.max(*last);
        }
        Self { tables, ids, tickets, holes, revision: 0, written_at: Timestamp::from_milliseconds(i64::MIN) }
    }

    /// The next ticket number of a project.
    pub(crate) fn next_ticket(&mut self, project: Id<Project>) -> u32 {
        let last = self.tickets.entry(project).or_default();
        *last += 1;
        *last
    }
}
