//! The group document and its index terms.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms},
    value::{Id, JsonObject, Text, Timestamp},
};

/// A named set of teammates to which departments can route conversations.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name.
    pub(crate) name: Text,
    /// Identifiers of the member users.
    #[serde(default)]
    pub(crate) members: Vec<Text>,
    /// Whether the group was soft-deleted.
    #[serde(default)]
    pub(crate) trashed: bool,
    /// Whether the group takes part in routing.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Project of the group.
    pub(crate) id_project: Id<Project>,
    /// User who created the group.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the group was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the group was last updated.
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

/// The index terms of groups.
#[derive(Clone, Copy, Hash)]
enum GroupIndex {
    Project,
}

impl Group {
    /// The groups of a project that are not deleted.
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(GroupIndex::Project, (project, false))
    }
}

impl Document for Group {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(GroupIndex::Project, (self.id_project, self.trashed));
    }
}

impl Entity for Group {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
