//! What widgets are told.

use bytes::Bytes;

use crate::{
    resource::{
        department::{
            model::DepartmentFilter,
            rules::{self as department, Visibility},
        },
        project::{
            model::{AvailabilityFilter, Project},
            rules as project,
        },
        team::rules::available_agent,
    },
    store::{Doc, join, render},
    world::{Error, Id, Result, State, Timestamp},
};

pub(super) fn settings(state: &State, id: Id<Project>, now: Timestamp) -> Result<Bytes> {
    let known = state.tables.projects.get(id).ok_or(Error::OBJECT_NOT_FOUND)?.value().into_owned();
    let agents = project::available(state, &known, &AvailabilityFilter { raw: None, department: None }, now)?;
    let agents: Vec<_> = agents.iter().filter_map(|agent| available_agent(state, agent)).collect();
    let departments = department::list(state, id, &DepartmentFilter { sort: None }, Visibility::Widget);
    let shown = Doc::new(Project { settings: None, ip_filter_enabled: None, ip_filter: None, ..known });
    let mut whole = join::Object::new(b"{}", 3_000);
    whole.field("project", &project::show(&shown, now));
    whole.field("user_available", &render(&agents));
    whole.field("departments", &departments);
    Ok(whole.end())
}
