//! The roles within a project.

use poem_openapi::Enum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A member's role in a project. Each role includes the permissions of those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Role {
    /// A visitor who is not signed in.
    Guest,
    /// A visitor who is signed in.
    User,
    Teammate,
    /// A team member who replies to visitors.
    Agent,
    Supervisor,
    /// An agent with special permissions.
    Admin,
    /// The creator of the project.
    Owner,
}

impl Role {
    /// Whether the role belongs to the team (agent or higher).
    pub(crate) fn is_team(self) -> bool {
        self >= Self::Agent
    }
}
