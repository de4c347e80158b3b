//! The stored labels of a project.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms},
    value::{Id, JsonObject, Text, Timestamp},
};

/// Labels of a project in all its languages.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Labels {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Languages, in the order in which they were added.
    pub(crate) data: Vec<Language>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Project that the labels belong to.
    pub(crate) id_project: Id<Project>,
    /// User who added the first language.
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
    /// Version of the document: the number of changes to its languages.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// Labels of one language.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Language {
    /// Identifier. Absent for built-in labels.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Option<Id<Self>>,
    /// Language code, such as `EN`.
    pub(crate) lang: Text,
    /// Texts by key, such as `LABEL_PLACEHOLDER`.
    pub(crate) data: JsonObject,
    /// Category.
    pub(crate) category: Option<Text>,
    /// Whether this is the default language of the project. Absent for built-in labels.
    pub(crate) default: Option<bool>,
}

/// The index terms of label documents.
#[derive(Clone, Copy, Hash)]
enum LabelsIndex {
    Project,
}

impl Labels {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(LabelsIndex::Project, project)
    }

    pub(crate) fn language(&self, lang: &str) -> Option<&Language> {
        self.data.iter().find(|language| &*language.lang == lang)
    }

    pub(crate) fn default_language(&self) -> Option<&Language> {
        self.data.iter().find(|language| language.is_default())
    }
}

impl Language {
    pub(crate) fn is_default(&self) -> bool {
        self.default == Some(true)
    }
}

impl Document for Labels {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.unique(LabelsIndex::Project, "project", self.id_project);
    }
}

impl Entity for Labels {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
