//! Departments: they route conversations to a bot, a group, or all agents of a project.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::Department,
    rules::{self, Visibility},
    schema::{DepartmentFilter, DepartmentPatch, NewDepartment},
};
use crate::{
    http::{Admin, Agent, Body, Filter, Member, Path, Public, Reply, respond},
    value::{RawId, Result, Text},
};

pub(crate) struct Departments;

#[OpenApi(tag = "Section::Departments")]
impl Departments {
    /// List visible departments
    ///
    /// Lists the departments with status 1. Requires no credentials.
    ///
    /// Returns the departments, oldest first, or by name with `sort`.
    #[oai(path = "/departments", method = "get", operation_id = "list_departments")]
    async fn list(&self, public: Public, filter: Filter<DepartmentFilter>) -> Result<Reply<Vec<Department>>> {
        let scope = &public.0;
        Ok(Reply::new(scope.read(|state| rules::list(state, scope.project, &filter.0, Visibility::Widget))))
    }

    /// List all departments
    ///
    /// Lists the departments with status 0 or 1.
    ///
    /// Returns the departments, oldest first, or by name with `sort`.
    #[oai(path = "/departments/allstatus", method = "get", operation_id = "list_all_departments")]
    async fn list_all(
        &self,
        member: Member<Agent>,
        filter: Filter<DepartmentFilter>,
    ) -> Result<Reply<Vec<Department>>> {
        let scope = &member.scope;
        Ok(Reply::new(scope.read(|state| rules::list(state, scope.project, &filter.0, Visibility::Dashboard))))
    }

    /// Create a department
    ///
    /// Creates a department and emits `department.create`. Without a group, its conversations go to all agents of the
    /// project. A bot or group that does not belong to the project returns 422.
    ///
    /// Returns the created department.
    #[oai(path = "/departments", method = "post", operation_id = "create_department")]
    async fn create(&self, member: Member<Admin>, body: Body<NewDepartment>) -> Result<Reply<Department>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor.caller, body.0)))
    }
}

pub(crate) struct DepartmentDetails;

#[OpenApi(tag = "Section::Departments")]
impl DepartmentDetails {
    /// Get a department
    ///
    /// Requires no credentials.
    ///
    /// Returns the department.
    #[oai(path = "/departments/:department_id", method = "get", operation_id = "get_department")]
    async fn get(
        &self,
        public: Public,
        /// Identifier of the department, or `default` for the project's default department.
        department_id: Path<Text>,
    ) -> Result<Reply<Department>> {
        let scope = &public.0;
        respond::reply(scope.read(|state| rules::find(state, scope.project, &department_id).cloned()))
    }

    /// Update a department
    ///
    /// Updates the given fields and emits `department.update`. Omitting `id_bot` or `id_group` removes the bot or the
    /// group from the department. A bot or group that does not belong to the project returns 422.
    ///
    /// Returns the updated department.
    #[oai(path = "/departments/:department_id", method = "put", operation_id = "update_department")]
    async fn update(
        &self,
        member: Member<Admin>,
        department_id: Path<RawId<Department>>,
        body: Body<DepartmentPatch>,
    ) -> Result<Reply<Department>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &department_id, body.0)))
    }

    /// Patch a department
    ///
    /// Updates only the given fields and emits `department.update`. Fields that are absent or `null` keep their value.
    /// A bot or group that does not belong to the project returns 422.
    ///
    /// Returns the updated department.
    #[oai(path = "/departments/:department_id", method = "patch", operation_id = "patch_department")]
    async fn patch(
        &self,
        member: Member<Admin>,
        department_id: Path<RawId<Department>>,
        body: Body<DepartmentPatch>,
    ) -> Result<Reply<Department>> {
        respond::reply(member.scope.write(|tx| rules::patch(tx, &department_id, body.0)))
    }

    /// Delete a department
    ///
    /// Permanently deletes the department and emits `department.delete`. The default department is not protected.
    ///
    /// Returns the deleted department.
    #[oai(path = "/departments/:department_id", method = "delete", operation_id = "delete_department")]
    async fn delete(&self, member: Member<Admin>, department_id: Path<RawId<Department>>) -> Result<Reply<Department>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &department_id)))
    }
}
