//! Availability of agents.

use std::sync::Arc;

use crate::{
    resource::{
        department::{self, operator},
        project::{
            document::Project,
            rules::{free, is_open},
            schema::AvailabilityFilter,
        },
        team::{self, document::Teammate},
    },
    state::State,
    store::Doc,
    value::{Error, Id, Result, Timestamp, error::ErrorBody},
};

/// The agents who can take a request now.
pub(crate) fn available(
    state: &State,
    project: &Project,
    filter: &AvailabilityFilter,
    now: Timestamp,
) -> Result<Vec<Arc<Doc<Teammate>>>> {
    let agents = match &filter.department {
        None => team::rules::agents(state, project.id).cloned().collect(),
        Some(id) => agents_of(state, project.id, id)?,
    };
    if filter.raw != Some(true) && !is_open(project, now) {
        return Ok(Vec::new());
    }
    Ok(free(project, agents))
}

/// The agents of a department. Its group must exist and be enabled.
fn agents_of(state: &State, project: Id<Project>, id: &str) -> Result<Vec<Arc<Doc<Teammate>>>> {
    let unknown = |what: &str, id: &str| Error::not_found(ErrorBody::error(format!("{what} {id} not found").into()));
    let department = department::rules::find(state, project, id).map_err(|_| unknown("Department", id))?.value();
    if let Some(&id) = department.id_group.value() {
        let group = state.tables.groups.get(id).ok_or_else(|| unknown("Group", &id.to_string()))?.value();
        if !group.enabled || group.trashed {
            return Err(Error::forbidden(ErrorBody::error(format!("Group {id} is currently disabled").into())));
        }
    }
    Ok(operator::agents(state, &department))
}
