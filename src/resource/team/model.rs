//! The teammate document (`project_user` in paths and events).

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{project::model::Project, user::model::User},
    store::{Document, Term, Terms},
    world::{Entity, Id, JsonObject, Role, Text, Timestamp},
};

/// A member of a project.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Teammate {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Project of the membership.
    pub(crate) id_project: Id<Project>,
    /// The user, unless the member is a visitor.
    pub(crate) id_user: Option<Id<User>>,
    /// The visitor, unless the member is a user.
    pub(crate) uuid_user: Option<Text>,
    /// Role in the project.
    pub(crate) role: Role,
    /// Whether the teammate takes requests.
    #[serde(default = "yes")]
    pub(crate) user_available: bool,
    /// `active` or `disabled`.
    #[serde(default = "active")]
    pub(crate) status: Text,
    /// Whether the teammate was removed softly.
    #[serde(default)]
    pub(crate) trashed: bool,
    /// Requests that the teammate has now.
    #[serde(default)]
    pub(crate) number_assigned_requests: u32,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Who made this member.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the membership was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the membership was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

fn yes() -> bool {
    true
}

fn active() -> Text {
    Teammate::ACTIVE.into()
}

impl Teammate {
    pub(crate) const ACTIVE: &'static str = "active";

    pub(crate) fn of_user(project: Id<Project>, user: Id<User>) -> Term {
        Term::new("id_user", (project, user))
    }

    pub(crate) fn of_visitor(project: Id<Project>, visitor: &str) -> Term {
        Term::new("uuid_user", (project, visitor))
    }

    pub(crate) fn is_active(&self) -> bool {
        &*self.status == Self::ACTIVE && !self.trashed
    }
}

impl Document for Teammate {
    type Id = Id<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn position(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        if let Some(user) = self.id_user {
            terms.unique("id_user", (self.id_project, user));
        }
        if let Some(visitor) = &self.uuid_user {
            terms.unique("uuid_user", (self.id_project, &**visitor));
        }
    }
}

impl Entity for Teammate {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
