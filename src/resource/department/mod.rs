//! Departments: they route conversations to a bot, a group, or all agents of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Departments can be listed and read without credentials, as the widget does.
//! - `default` in place of an identifier is the project's default department.
//! - An update without `id_bot` or `id_group` clears them; a patch does not.
//! - `groups` and their shares are stored, but have no effect on the choice of an operator.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod operator;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Departments route conversations to a bot, a group, or all agents of a project.
    Departments,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((api::Departments, api::DepartmentDetails, operator::DepartmentOperators))
}
