//! Operations on projects: workspaces with their team, conversations, and settings.

use std::sync::Arc;

use poem_openapi::OpenApi;

use super::{
    Section, availability,
    ban::{BannedUser, NewBan},
    document::Project,
    patch::ProjectPatch,
    rules,
    schema::{AvailabilityFilter, AvailableAgent, IsOpen, NewProject, OpenFilter, ProjectMembership, ProjectSummary},
};
use crate::{
    http::{Account, Admin, Agent, Anonymous, Body, Filter, Owner, Path, ProjectMember, Reply},
    json_schema::Populated,
    resource::{
        removal::{self, Removal},
        team,
    },
    state::{ProjectScope, Tx},
    store::Doc,
    value::{JsonObject, RawId, Result},
};

pub(crate) struct Projects;

#[OpenApi(tag = "Section::Projects")]
impl Projects {
    /// List the user's projects
    ///
    /// Lists the team memberships of the caller, each with its project embedded, most recently changed project first.
    ///
    /// Returns the memberships of the caller with their projects.
    #[oai(path = "/projects", method = "get", operation_id = "list_projects")]
    async fn list(&self, account: Account) -> Result<Reply<Vec<Populated<ProjectMembership>>>> {
        Ok(Reply::new(rules::list(&account.sandbox.state(), &account.caller, account.sandbox.clock.now())))
    }

    /// Create a project
    ///
    /// Creates a project with the caller as its owner and a default department, and emits `project.create`.
    ///
    /// Returns the created project.
    #[oai(path = "/projects", method = "post", operation_id = "create_project")]
    async fn create(&self, account: Account, body: Body<NewProject>) -> Result<Reply<Populated<Project>>> {
        let show = |tx: &mut Tx| rules::create(tx, &account.caller, body.0).map(|doc| rules::show(&doc, tx.now()));
        account.sandbox.write(None, show).map(Reply::new)
    }

    /// List all projects
    ///
    /// Lists every active project of the installation, newest first. Restricted to the administrator of the
    /// installation, `admin@tiledesk.com` (otherwise 403).
    ///
    /// Returns a summary of each project.
    #[oai(path = "/projects/all", method = "get", operation_id = "list_all_projects")]
    async fn list_all(&self, account: Account) -> Result<Reply<Vec<ProjectSummary>>> {
        rules::list_all(&account.sandbox.state(), &account.caller).map(|all| Reply::of(&all))
    }
}

pub(crate) struct ProjectDetails;

#[OpenApi(tag = "Section::Projects")]
impl ProjectDetails {
    /// Get a project
    ///
    /// Includes the settings and the plan of the project.
    ///
    /// Returns the project.
    #[oai(path = "/", method = "get", operation_id = "get_project")]
    async fn get(&self, insider: ProjectMember<Agent>) -> Result<Reply<Populated<Project>>> {
        let scope = &insider.0.scope;
        let now = scope.sandbox.clock.now();
        scope.read(|state| rules::get(state, scope.project).map(|doc| rules::show(doc, now))).map(Reply::new)
    }

    /// Update a project
    ///
    /// Changes the given fields and emits `project.update`. Fields that are absent or `null` keep their value. Keys
    /// such as `settings.chat_limit_on` change a single setting. The plan cannot be changed (403).
    ///
    /// Returns the updated project.
    #[oai(path = "/", method = "put", operation_id = "update_project")]
    async fn update(
        &self,
        insider: ProjectMember<Admin>,
        body: Body<ProjectPatch>,
    ) -> Result<Reply<Populated<Project>>> {
        change(&insider.0.scope, |tx| rules::update(tx, &insider.0.actor, body.0))
    }

    /// Patch a project
    ///
    /// Same as `update_project`.
    ///
    /// Returns the updated project.
    #[oai(path = "/", method = "patch", operation_id = "patch_project")]
    async fn patch(
        &self,
        insider: ProjectMember<Admin>,
        body: Body<ProjectPatch>,
    ) -> Result<Reply<Populated<Project>>> {
        change(&insider.0.scope, |tx| rules::update(tx, &insider.0.actor, body.0))
    }

    /// Downgrade a project
    ///
    /// Resets the plan to that of a new project and emits `project.downgrade`. Nothing else changes.
    ///
    /// Returns the updated project.
    #[oai(path = "/downgradeplan", method = "put", operation_id = "downgrade_project")]
    async fn downgrade(&self, insider: ProjectMember<Owner>) -> Result<Reply<Populated<Project>>> {
        change(&insider.0.scope, rules::downgrade)
    }

    /// Delete a project
    ///
    /// Sets the status to 0 and emits `project.delete`. All later calls inside the project are rejected.
    ///
    /// Returns the deleted project.
    #[oai(path = "/", method = "delete", operation_id = "delete_project")]
    async fn delete(&self, insider: ProjectMember<Owner>) -> Result<Reply<Populated<Project>>> {
        change(&insider.0.scope, rules::delete)
    }

    /// Delete a project permanently
    ///
    /// Removes the project and everything that belongs to it; this cannot be undone.
    ///
    /// Returns the number of removed objects.
    #[oai(path = "/physical", method = "delete", operation_id = "delete_project_physically")]
    async fn delete_physically(&self, insider: ProjectMember<Owner>) -> Result<Reply<Removal>> {
        insider.0.scope.write(rules::delete_physically)?;
        Ok(removal::removed())
    }

    /// Update the attributes of a project
    ///
    /// Each key of the body overwrites that attribute; other attributes keep their value. Emits `project.update`.
    ///
    /// Returns the updated project.
    #[oai(path = "/attributes", method = "patch", operation_id = "update_project_attributes")]
    async fn update_attributes(
        &self,
        insider: ProjectMember<Admin>,
        body: Body<JsonObject>,
    ) -> Result<Reply<Populated<Project>>> {
        change(&insider.0.scope, |tx| rules::update_attributes(tx, body.0))
    }
}

pub(crate) struct ProjectRoot;

#[OpenApi(tag = "Section::Projects")]
impl ProjectRoot {
    /// Get a project by path
    ///
    /// Alias of `get_project`.
    ///
    /// Returns the project.
    // Departs: `GET /{project_id}` returns the project, as documented; the reference server has no such path.
    #[oai(path = "/", method = "get", operation_id = "get_project_root")]
    async fn get(&self, insider: ProjectMember<Agent>) -> Result<Reply<Populated<Project>>> {
        ProjectDetails.get(insider).await
    }
}

pub(crate) struct Bans;

#[OpenApi(tag = "Section::Projects")]
impl Bans {
    /// Ban a user
    ///
    /// Rejects all later calls of the user or visitor inside the project, notifies them with a direct message, and
    /// emits `project.update`. The role of a banned member must be at most the caller's own (otherwise 403).
    ///
    /// Returns the updated project.
    #[oai(path = "/ban", method = "post", operation_id = "ban_project_user")]
    async fn ban(&self, insider: ProjectMember<Admin>, body: Body<NewBan>) -> Result<Reply<Populated<Project>>> {
        change(&insider.0.scope, |tx| rules::ban(tx, &insider.0.actor, body.0))
    }

    /// Lift a ban
    ///
    /// The user or visitor regains the access that their role grants. Emits `project.update`.
    ///
    /// Returns the updated project.
    #[oai(path = "/ban/:ban_id", method = "delete", operation_id = "unban_project_user")]
    async fn unban(
        &self,
        insider: ProjectMember<Admin>,
        /// Identifier of the ban (`_id` in the `bannedUsers` of the project).
        ban_id: Path<RawId<BannedUser>>,
    ) -> Result<Reply<Populated<Project>>> {
        change(&insider.0.scope, |tx| rules::unban(tx, &ban_id))
    }
}

fn change(
    scope: &ProjectScope,
    rule: impl FnOnce(&mut Tx) -> Result<Arc<Doc<Project>>>,
) -> Result<Reply<Populated<Project>>> {
    scope.write(|tx| rule(tx).map(|doc| rules::show(&doc, tx.now()))).map(Reply::new)
}

pub(crate) struct Availability;

#[OpenApi(tag = "Section::Projects")]
impl Availability {
    /// Check whether a project is open
    ///
    /// Evaluates the operating hours of the project, or with `timeSlot` one of its time slots, in the time zone of the
    /// project. A time slot that the project does not have returns 404. Requires no credentials.
    ///
    /// Returns whether the project is open.
    #[oai(path = "/isopen", method = "get", operation_id = "is_project_open")]
    async fn is_open(&self, onlooker: Anonymous, filter: Filter<OpenFilter>) -> Result<Reply<IsOpen>> {
        let (state, now) = (onlooker.sandbox.state(), onlooker.sandbox.clock.now());
        let project = rules::find(&state, &onlooker.project)?.value();
        let isopen = match &filter.0.time_slot {
            Some(slot) => rules::is_slot_open(&project, slot, now)?,
            None => rules::is_open(&project, now),
        };
        Ok(Reply::of(&IsOpen { isopen }))
    }

    /// List available agents
    ///
    /// Lists the agents who can take a request now. Without `raw`, the list is empty while the project is closed.
    /// Requires no credentials.
    ///
    /// Returns the available agents.
    #[oai(path = "/users/availables", method = "get", operation_id = "list_available_agents")]
    async fn list_available_agents(
        &self,
        onlooker: Anonymous,
        filter: Filter<AvailabilityFilter>,
    ) -> Result<Reply<Vec<AvailableAgent>>> {
        let (state, now) = (onlooker.sandbox.state(), onlooker.sandbox.clock.now());
        let project = rules::find(&state, &onlooker.project)?.value();
        let agents = availability::available(&state, &project, &filter.0, now)?;
        Ok(Reply::of(&agents.iter().filter_map(|agent| team::rules::available_agent(&state, agent)).collect()))
    }
}
