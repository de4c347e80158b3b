//! The group document and what changes it.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::project::model::Project,
    store::{Document, Term, Terms, Whole},
    world::{Entity, Id, JsonObject, Text, Timestamp},
};

/// A named set of teammates to whom departments can route conversations.
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
    /// Identifiers of the users who are members.
    #[serde(default)]
    pub(crate) members: Vec<Text>,
    /// Whether the group was deleted softly.
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
    /// When the group was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// A group to be created.
#[derive(Object)]
pub(crate) struct NewGroup {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Identifiers of the users who are members.
    pub(crate) members: Option<Vec<Text>>,
}

/// Changes of a group. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct GroupPatch {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// Identifiers of the users who are members, replaced as a whole.
    pub(crate) members: Option<Vec<Text>>,
    /// True deletes the group softly.
    pub(crate) trashed: Option<bool>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
}

/// Which groups a list shows.
#[derive(Object)]
pub(crate) struct GroupFilter {
    /// Only groups with one of these users as a member.
    pub(crate) member: Option<Vec<Text>>,
}

/// How a group is deleted.
#[derive(Object)]
pub(crate) struct GroupRemoval {
    /// `true` removes the group for good.
    pub(crate) force: Option<Text>,
}

fn yes() -> bool {
    true
}

impl Group {
    /// The groups of a project that were not deleted.
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new("project", (project, false))
    }
}

impl Document for Group {
    type Id = Id<Self>;
    type Kept = Whole<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn position(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add("project", (self.id_project, self.trashed));
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
