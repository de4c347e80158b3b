//! Departments: what sorts conversations to a bot, a group or all agents of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Departments can be listed and read without credentials: the widget does.
//! - The word `default` stands for the identifier of the project's default department.
//! - An update that leaves `id_bot` or `id_group` out clears them; a patch does not.
//! - `groups` with their shares are stored and play no part in the choice of an operator.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod operator;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// What sorts conversations to bots, groups or agents.
    Departments,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Departments, api::DepartmentDetails, operator::DepartmentOperators))
}
