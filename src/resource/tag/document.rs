//! The stored tag.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms},
    value::{Id, JsonObject, Text, Timestamp},
};

/// A tag that a project offers.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectTag {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name of the tag.
    pub(crate) tag: Text,
    /// Color in hexadecimal notation, such as `#43B1F2`.
    pub(crate) color: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Project that the tag belongs to.
    pub(crate) id_project: Id<Project>,
    /// User who created the tag.
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

/// The index terms of project tags.
#[derive(Clone, Copy, Hash)]
enum ProjectTagIndex {
    Project,
    Tag,
}

impl ProjectTag {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(ProjectTagIndex::Project, project)
    }

    pub(crate) fn named(project: Id<Project>, tag: &str) -> Term {
        Term::new(ProjectTagIndex::Tag, (project, tag))
    }
}

impl Document for ProjectTag {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(ProjectTagIndex::Project, self.id_project);
        terms.unique(ProjectTagIndex::Tag, "tag", (self.id_project, &*self.tag));
    }
}

impl Entity for ProjectTag {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
