//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;
use serde::Serialize;

use super::document::Project;
use crate::{
    json_schema::{Embedded, Populate, Populated},
    resource::{team::document::Teammate, user::document::User},
    value::{Id, Text, Timestamp},
};

/// A project as listed for the administrator of the installation.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ProjectSummary {
    /// Identifier.
    #[oai(rename = "_id")]
    pub(crate) id: Id<Project>,
    /// Name of the project.
    pub(crate) name: Text,
    /// Email address of the user who created the project.
    pub(crate) owner: Option<Text>,
    /// Creation time.
    #[oai(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Name of the plan.
    pub(crate) profile_name: Text,
}

/// A project to create.
#[derive(Object)]
pub(crate) struct NewProject {
    /// Name of the project.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
}

/// Filters for listing available agents.
#[derive(Object)]
pub(crate) struct AvailabilityFilter {
    /// Whether to ignore the operating hours of the project (default `false`).
    pub(crate) raw: Option<bool>,
    /// Only members of the groups of the department with this identifier.
    pub(crate) department: Option<Text>,
}

/// An agent who can take a request now.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct AvailableAgent {
    /// Identifier of the user.
    pub(crate) id: Id<User>,
    /// First name.
    pub(crate) firstname: Option<Text>,
    /// Identifier of the teammate.
    pub(crate) pu_id: Id<Teammate>,
    /// First and last name.
    pub(crate) fullname: Text,
    /// Email address.
    pub(crate) email: Text,
    /// Number of requests assigned to the agent.
    pub(crate) assigned_request: u32,
}

/// Query parameters for checking whether a project is open.
#[derive(Object)]
pub(crate) struct OpenFilter {
    /// Key of one of the project's `timeSlots`.
    #[oai(rename = "timeSlot")]
    pub(crate) time_slot: Option<Text>,
}

/// Whether a project is open.
#[derive(Object)]
pub(crate) struct IsOpen {
    /// Whether the project is open.
    pub(crate) isopen: bool,
}

/// A membership with its project.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ProjectMembership {
    #[oai(flatten)]
    member: Teammate,
}

impl Populate for ProjectMembership {
    const NAME: &'static str = "Membership";

    fn embedded() -> Vec<Embedded> {
        vec![Embedded::new::<Populated<Project>>("id_project", "The project.")]
    }
}

impl Populate for Project {
    const NAME: &'static str = "ProjectDetails";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<bool>("trialExpired", "Whether the trial has ended."),
            Embedded::new::<i64>("trialDaysLeft", "Whole days since the end of the trial; negative during the trial."),
            Embedded::new::<bool>("isActiveSubscription", "Whether the project has an active paid subscription."),
        ]
    }
}
