//! Operators: who gets the next conversation of a department.

use poem_openapi::{OpenApi, param::Path};

use super::{
    model::{OperatorFilter, Operators},
    rules,
};
use crate::{
    http::{Agent, Filter, Member, Populated, Reply},
    resource::Tag,
    world::{Result, Text},
};

pub(crate) struct DepartmentOperators;

#[OpenApi(tag = "Tag::Departments")]
impl DepartmentOperators {
    /// List the operators of a department
    ///
    /// Who could serve a conversation, who is available, and who would get it now.
    #[oai(path = "/departments/:department_id/operators", method = "get", operation_id = "list_department_operators")]
    async fn list(
        &self,
        member: Member<Agent>,
        /// Identifier of the department, or `default`.
        department_id: Path<Text>,
        filter: Filter<OperatorFilter>,
    ) -> Result<Reply<Populated<Operators>>> {
        let (scope, now) = (&member.scope, member.scope.sandbox.clock.now());
        scope.read(|state| rules::show(state, scope.project, &department_id, &filter.0, now)).map(Reply::new)
    }
}
