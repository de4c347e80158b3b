//! The event document and what makes one.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{
        entity::{Entity, Owner},
        project::document::Project,
        team::document::Teammate,
    },
    store::{Doc, Document, Term, Terms, render},
    value::{Id, JsonObject, Text, Timestamp, json},
};

/// Something that an application told.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomEvent {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name, usually of words with dots between them: `typing.start`.
    pub(crate) name: Text,
    /// The member of the project who posted it, unless it was a program.
    pub(crate) project_user: Option<Id<Teammate>>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Always `stardard`.
    #[serde(default = "standard")]
    pub(crate) status: Text,
    /// Project of the event.
    pub(crate) id_project: Id<Project>,
    /// Who posted it: the identifier of a user, of a visitor or of a program, or `system`.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When it was posted.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the event was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// Who posted it, as they were then. It is told, and not answered.
    #[oai(skip)]
    pub(crate) user: Option<JsonObject>,
}

/// The last field, which answers do not show.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Hidden<'a> {
    user: Option<&'a JsonObject>,
}

/// So it is spelt.
fn standard() -> Text {
    "stardard".into()
}

impl CustomEvent {
    /// An event that nobody posted yet.
    pub(crate) fn new(id: Id<Self>, name: Text, project: Id<Project>, by: Text, now: Timestamp) -> Self {
        Self {
            id,
            name,
            project_user: None,
            attributes: None,
            status: standard(),
            id_project: project,
            created_by: by,
            created_at: now,
            updated_at: now,
            version: 0,
            user: None,
        }
    }

    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new("project", project)
    }

    pub(crate) fn of_name(project: Id<Project>, name: &str) -> Term {
        Term::new("name", (project, name))
    }

    /// Those that a member of the project posted.
    pub(crate) fn of_member(project: Id<Project>, member: &str) -> Term {
        Term::new("project_user", (project, member))
    }
}

impl Document for CustomEvent {
    type Id = Id<Self>;
    type Retained = Owner;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add("project", self.id_project);
        terms.add("name", (self.id_project, &*self.name));
        if let Some(member) = self.project_user {
            terms.add("project_user", (self.id_project, &*member.to_string()));
        }
    }

    fn private_fields(&self) -> Vec<u8> {
        render(&Hidden { user: self.user.as_ref() })
    }
}

impl Entity for CustomEvent {
    const NESTING: usize = json::NESTING + 20;

    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn owner(doc: &Doc<Self>) -> Option<Id<Project>> {
        doc.kept().project()
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
