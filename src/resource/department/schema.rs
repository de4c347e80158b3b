//! What calls send and receive.

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

/// The statuses of departments that can be set.
#[derive(Debug)]
pub(crate) enum DepartmentStatus {}

impl Numbers for DepartmentStatus {
    const ALL: &'static [i16] = &[-1, 0, 1];
}

/// A department to be created.
#[derive(Object)]
pub(crate) struct NewDepartment {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// How conversations reach agents; `pooled` when it is missing, and nothing when it is `null`.
    pub(crate) routing: MaybeUndefined<Routing>,
    /// Group whose members serve the department; all agents do without one.
    pub(crate) id_group: Explicit<Id<Group>>,
    /// Bot that answers first.
    pub(crate) id_bot: Explicit<Id<Bot>>,
    /// Whether only the bot answers.
    pub(crate) bot_only: Option<bool>,
    /// Groups with a share of the load each.
    pub(crate) groups: Option<Vec<DepartmentGroup>>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// Whether it is the project's default department.
    pub(crate) default: Option<bool>,
    /// 1 visible, 0 hidden from the widget, -1 hidden from the dashboard as well.
    pub(crate) status: Option<Number<DepartmentStatus>>,
}

/// Changes of a department. What is absent or `null` stays as it is.
#[derive(Object, Default)]
pub(crate) struct DepartmentPatch {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// How conversations reach agents.
    pub(crate) routing: Option<Routing>,
    /// Group whose members serve the department.
    pub(crate) id_group: Option<Id<Group>>,
    /// Bot that answers first.
    pub(crate) id_bot: Option<Id<Bot>>,
    /// Whether only the bot answers.
    pub(crate) bot_only: Option<bool>,
    /// Groups with a share of the load each.
    pub(crate) groups: Option<Vec<DepartmentGroup>>,
    /// Description.
    pub(crate) description: Option<Text>,
    /// What is said while agents are online.
    pub(crate) online_msg: Option<Text>,
    /// What is said while none is.
    pub(crate) offline_msg: Option<Text>,
    /// 1 visible, 0 hidden from the widget, -1 hidden from the dashboard as well.
    pub(crate) status: Option<Number<DepartmentStatus>>,
}

/// How a list of departments is sorted.
#[derive(Object)]
pub(crate) struct DepartmentFilter {
    /// Whatever the value, sorts by name.
    pub(crate) sort: Option<Text>,
}
