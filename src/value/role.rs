//! The roles of a project.

use poem_openapi::Enum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a member of a project may do; each role may do what those before it may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Role {
    /// A visitor who is not logged in.
    Guest,
    /// A visitor who is.
    User,
    Teammate,
    /// A member of the team who answers visitors.
    Agent,
    Supervisor,
    /// An agent with special permissions.
    Admin,
    /// Who created the project.
    Owner,
}

impl Role {
    /// Whether the role is one of the team's.
    pub(crate) fn is_team(self) -> bool {
        self >= Self::Agent
    }
}
