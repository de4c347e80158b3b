//! The stored pending invitation: a role for a person without an account.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project, user::document::in_lowercase},
    store::{Document, Full, Term, Terms},
    value::{Id, Role, Text, Timestamp},
};

/// An invitation that becomes a membership when its recipient signs up.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PendingInvitation {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Email address, in lower case.
    pub(crate) email: Text,
    /// Role to grant.
    pub(crate) role: Role,
    /// Project to join.
    pub(crate) id_project: Id<Project>,
    /// User who sent the invitation.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// Creation time.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Time of the last change.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// The index terms of pending invitations.
#[derive(Clone, Copy, Hash)]
enum PendingInvitationIndex {
    In,
    Email,
    Project,
}

impl PendingInvitation {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(PendingInvitationIndex::In, project)
    }

    pub(crate) fn of_email(email: &str) -> Term {
        Term::new(PendingInvitationIndex::Email, &*in_lowercase(email))
    }

    pub(crate) fn to_project(project: Id<Project>, email: &str) -> Term {
        Term::new(PendingInvitationIndex::Project, (project, &*in_lowercase(email)))
    }
}

impl Document for PendingInvitation {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        let email = in_lowercase(&self.email);
        terms.add(PendingInvitationIndex::Email, &*email);
        terms.add(PendingInvitationIndex::Project, (self.id_project, &*email));
        terms.add(PendingInvitationIndex::In, self.id_project);
    }
}

impl Entity for PendingInvitation {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
