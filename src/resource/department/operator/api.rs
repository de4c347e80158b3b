//! Operators: who gets the next conversation of a department.

use poem_openapi::OpenApi;

use super::{
    model::{OperatorFilter, Operators},
    rules,
};
use crate::{
    http::{Agent, Filter, Member, Path, Populated, Reply},
    resource::department::Section,
    world::{Result, Text},
};

pub(crate) struct DepartmentOperators;

#[OpenApi(tag = "Section::Departments")]
impl DepartmentOperators {
    /// List the operators of a department
    ///
    /// Who could serve a conversation, who is available, and who would get it now. Subscribers of `operator.select` are asked
    /// first and may name others.
    #[oai(path = "/departments/:department_id/operators", method = "get", operation_id = "list_department_operators")]
    async fn list(
        &self,
        member: Member<Agent>,
        /// Identifier of the department, or `default`.
        department_id: Path<Text>,
        filter: Filter<OperatorFilter>,
    ) -> Result<Reply<Populated<Operators>>> {
        rules::list(&member.scope, &department_id, &filter.0).await.map(Reply::new)
    }
}
