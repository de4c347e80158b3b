//! The documents of a sandbox at one moment, and what makes new ones.

use imbl::OrdMap;

use super::{hole::Holes, tables::Tables};
use crate::{
    resource::project::document::Project,
    value::{Id, id::IdSource},
};

/// Everything that calls can change. A clone shares whatever does not change afterwards.
pub(crate) struct State {
    pub(crate) tables: Tables,
    pub(crate) ids: IdSource,
    /// The number of the last request of each project; a number is never given twice.
    pub(crate) tickets: OrdMap<Id<Project>, u32>,
    /// The same in all states of a server.
    pub(crate) holes: Holes,
    /// Grows with all that is published: of two states the later one has the greater number.
    pub(crate) revision: u64,
}

impl Clone for State {
    fn clone(&self) -> Self {
        Self {
            tables: self.tables.clone(),
            ids: self.ids.clone(),
            tickets: self.tickets.clone(),
            holes: self.holes,
            revision: self.revision,
        }
    }

    fn clone_from(&mut self, other: &Self) {
        self.tables.clone_from(&other.tables);
        if !self.tickets.ptr_eq(&other.tickets) {
            self.tickets.clone_from(&other.tickets);
        }
        (self.ids, self.holes, self.revision) = (other.ids.clone(), other.holes, other.revision);
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
        Self { tables, ids, tickets, holes, revision: 0 }
    }

    /// The number of a new request.
    pub(crate) fn next_ticket(&mut self, project: Id<Project>) -> u32 {
        let last = self.tickets.entry(project).or_default();
        *last += 1;
        *last
    }
}
