//! Rules for departments.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::{
    document::{Department, Routing},
    schema::{DepartmentFilter, DepartmentPatch, NewDepartment},
};
use crate::{
    identity::Principal,
    render,
    resource::{chatbot::document::Bot, group::document::Group, project::document::Project},
    state::{Collection, State, Tx, event::EventName},
    store::Doc,
    value::{
        Error, Id, RawId, Result,
        explicit::Explicit,
        patch::overwrite,
        primitive::{MaybeUndefined, Nullable},
    },
};

/// The audience of a list of departments.
#[derive(Clone, Copy)]
pub(crate) enum Visibility {
    /// Visitors: only departments that are not hidden.
    Widget,
    /// The team: also departments that are hidden only from the widget.
    Dashboard,
}

pub(crate) fn list(state: &State, project: Id<Project>, filter: &DepartmentFilter, to: Visibility) -> Bytes {
    let least = match to {
        Visibility::Widget => Department::VISIBLE,
        Visibility::Dashboard => Department::HIDDEN,
    };
    let departments = state.tables.departments.with(Department::of_project(project));
    let mut departments: Vec<_> = departments.filter(|department| department.value().status >= least).collect();
    if filter.sort.is_some() {
        departments.sort_by(|a, b| a.value().name.cmp(&b.value().name));
    }
    render::json::array(departments.iter().map(|department| department.json()))
}

/// Finds a department by ID, or the default one by `default`.
pub(crate) fn find<'a>(state: &'a State, project: Id<Project>, id: &str) -> Result<&'a Arc<Doc<Department>>> {
    let departments = &state.tables.departments;
    let found = match id {
        "default" => departments.find(Department::default_of(project)),
        id => Id::parse(id).and_then(|id| departments.get(id)).filter(|found| found.value().id_project == project),
    };
    found.ok_or(Error::OBJECT_NOT_FOUND)
}

/// The department named in a body, or the default one.
pub(crate) fn named(state: &State, project: Id<Project>, field: &str, id: Option<&str>) -> Result<Department> {
    let department = find(state, project, id.unwrap_or("default")).map(|department| department.value().into_owned());
    department.map_err(|_| Error::invalid(field, json!(id), "expected the identifier of a department of the project"))
}

pub(super) fn create(tx: &mut Tx, by: &Principal, new: NewDepartment) -> Result<Arc<Doc<Department>>> {
    let mut department = Department::new(tx.new_id(), new.name, tx.project(), by.id(), tx.now());
    department.default = new.default.unwrap_or_default();
    // The test suite of the official SDK sends `null` and expects it back.
    match new.routing {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => department.routing = Nullable(None),
        MaybeUndefined::Value(routing) => department.routing = Nullable(Some(routing)),
    }
    (department.id_group, department.id_bot) = (new.id_group, new.id_bot);
    let patch = DepartmentPatch {
        id_group: new.id_group.value().copied(),
        id_bot: new.id_bot.value().copied(),
        bot_only: new.bot_only,
        groups: new.groups,
        description: new.description,
        status: new.status,
        ..DepartmentPatch::default()
    };
    let department = apply(tx, department, patch)?;
    put(tx, department, EventName::DepartmentCreate)
}

pub(super) fn update(tx: &mut Tx, id: &RawId<Department>, patch: DepartmentPatch) -> Result<Arc<Doc<Department>>> {
    let department = tx.get(id)?;
    let department = apply(tx, Department { id_bot: Explicit::NULL, id_group: Explicit::NULL, ..department }, patch)?;
    put(tx, department, EventName::DepartmentUpdate)
}

pub(super) fn patch(tx: &mut Tx, id: &RawId<Department>, patch: DepartmentPatch) -> Result<Arc<Doc<Department>>> {
    let department = tx.get(id)?;
    let department = apply(tx, department, patch)?;
    put(tx, department, EventName::DepartmentUpdate)
}

fn apply(tx: &Tx, mut department: Department, patch: DepartmentPatch) -> Result<Department> {
    // Departs: A department's bot or group must belong to the project; the reference server stores any text.
    let bot = known::<Bot>(tx, "id_bot", patch.id_bot)?;
    let group = known::<Group>(tx, "id_group", patch.id_group)?;
    department.id_bot.change(bot);
    department.id_group.change(group);
    department.name = patch.name.unwrap_or(department.name);
    department.status = patch.status.map_or(department.status, |status| status.get().try_into().unwrap_or_default());
    department.routing = patch.routing.map_or(department.routing, |routing| Nullable(Some(routing)));
    overwrite(&mut department.bot_only, patch.bot_only);
    department.groups = patch.groups.unwrap_or(department.groups);
    overwrite(&mut department.description, patch.description);
    overwrite(&mut department.online_msg, patch.online_msg);
    overwrite(&mut department.offline_msg, patch.offline_msg);
    Ok(department)
}

/// Checks that an ID given in a body is that of a document of this project.
fn known<T: Collection>(tx: &Tx, field: &str, id: Option<Id<T>>) -> Result<Option<Id<T>>> {
    let Some(id) = id else { return Ok(None) };
    let found = T::table(&tx.state().tables).get(id).filter(|found| found.value().project() == Some(tx.project()));
    let reason = format!("expected the identifier of one of the project's {}", T::NAME);
    found.map(|_| Some(id)).ok_or_else(|| Error::invalid(field, json!(id), reason))
}

fn put(tx: &mut Tx, department: Department, event: EventName) -> Result<Arc<Doc<Department>>> {
    let department = tx.put(department)?;
    tx.emit(event, &department);
    Ok(department)
}

pub(super) fn delete(tx: &mut Tx, id: &RawId<Department>) -> Result<Arc<Doc<Department>>> {
    let department = tx.remove(id)?;
    tx.emit(EventName::DepartmentDelete, &department);
    Ok(department)
}

/// The routing that assigns each conversation to one agent.
pub(crate) fn assigned() -> Nullable<Routing> {
    Nullable(Some(Routing::Assigned))
}
