//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::{DepartmentGroup, Routing};
use crate::{
    resource::{chatbot::document::Bot, group::document::Group},
    value::{
        Id, Text,
        explicit::Explicit,
        primitive::{MaybeUndefined, Number, Numbers},
    },
};

/// Statuses that can be set.
#[derive(Debug)]
pub(crate) enum DepartmentStatus {}

impl Numbers for DepartmentStatus {
    const ALL: &'static [i16] = &[-1, 0, 1];
}

/// A department to create.
#[derive(Object)]
pub(crate) struct NewDepartment {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// How conversations are assigned to agents (default `pooled`). An explicit `null` is stored.
    pub(crate) routing: MaybeUndefined<Routing>,
    /// Identifier of the group whose members serve the department (default all agents).
    pub(crate) id_group: Explicit<Id<Group>>,
    /// Identifier of the bot that responds first.
    pub(crate) id_bot: Explicit<Id<Bot>>,
    /// Whether only the bot responds.
    pub(crate) bot_only: Option<bool>,
    /// Groups with their shares of the load.
    pub(crate) groups: Option<Vec<DepartmentGroup>>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Whether this is the project's default department.
    pub(crate) default: Option<bool>,
    /// Visibility: 1 (visible), 0 (hidden from the widget), or -1 (hidden from the dashboard as well).
    pub(crate) status: Option<Number<DepartmentStatus>>,
}

/// Changes to a department. Fields that are absent or `null` keep their value.
#[derive(Object, Default)]
pub(crate) struct DepartmentPatch {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// How conversations are assigned to agents.
    pub(crate) routing: Option<Routing>,
    /// Identifier of the group whose members serve the department.
    pub(crate) id_group: Option<Id<Group>>,
    /// Identifier of the bot that responds first.
    pub(crate) id_bot: Option<Id<Bot>>,
    /// Whether only the bot responds.
    pub(crate) bot_only: Option<bool>,
    /// Groups with their shares of the load.
    pub(crate) groups: Option<Vec<DepartmentGroup>>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Message shown while agents are online.
    pub(crate) online_msg: Option<Text>,
    /// Message shown while no agent is online.
    pub(crate) offline_msg: Option<Text>,
    /// Visibility: 1 (visible), 0 (hidden from the widget), or -1 (hidden from the dashboard as well).
    pub(crate) status: Option<Number<DepartmentStatus>>,
}

/// Order for listing departments.
#[derive(Object)]
pub(crate) struct DepartmentFilter {
    /// Any value sorts by name (default by creation time).
    pub(crate) sort: Option<Text>,
}
