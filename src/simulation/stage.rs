//! The setting of simulated people: a project with its departments and its team.

use crate::{
    resource::{department::document::Department, project::document::Project, team},
    state::State,
    value::{Id, Text},
};

/// The project of the documentation's examples.
const DOCUMENTED: &str = "5b55e806c93dde00143163dd";

/// The identifier of a project with visitors.
pub(crate) type ProjectId = Id<Project>;

/// A project in which simulated people write.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) project: Id<Project>,
    /// Departments with a bot, and without one.
    automated: Vec<Text>,
    served: Vec<Text>,
    pub(super) has_team: bool,
}

impl Stage {
    /// The stage of a project.
    pub(super) fn of(state: &State, project: Id<Project>) -> Self {
        let departments = state.tables.departments.iter().map(|department| department.value());
        let departments = departments
            .filter(|department| department.id_project == project && department.status == Department::VISIBLE);
        let (automated, served): (Vec<_>, Vec<_>) =
            departments.partition(|department| department.id_bot.value().is_some());
        let ids = |all: Vec<std::borrow::Cow<'_, Department>>| {
            all.iter().map(|department| department.id.to_string().into()).collect()
        };
        let has_team = team::rules::agents(state, project).next().is_some();
        Self { project, automated: ids(automated), served: ids(served), has_team }
    }

    /// The department of a conversation, or `None` for the default one.
    pub(super) fn department(&self, bot: bool, number: u64) -> Option<Text> {
        // The newest bot is that of the generated department, which can answer visitors' questions.
        let automated = self.automated.last();
        let place = usize::try_from(number % self.served.len().max(1) as u64).unwrap_or_default();
        let served = self.served.get(place);
        let best = if bot { automated.or(served) } else { served.or(automated) };
        best.cloned()
    }
}

/// The active project with an identifier.
pub(crate) fn active_project(state: &State, id: &str) -> Option<ProjectId> {
    let id = Id::parse(id)?;
    state.tables.projects.get(id).filter(|project| project.value().is_active()).map(|_| id)
}

/// The default project of visitors: that of the documentation's examples, or else the first active one.
pub(crate) fn default_project(state: &State) -> Option<ProjectId> {
    let projects = &state.tables.projects;
    let documented = Id::parse(DOCUMENTED).filter(|id| projects.get(*id).is_some_and(|doc| doc.value().is_active()));
    documented.or_else(|| projects.iter().map(|doc| doc.value()).find(|doc| doc.is_active()).map(|doc| doc.id))
}
