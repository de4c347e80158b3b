//! The event document and its index terms.

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

/// A custom event posted by an application.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomEvent {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name, usually dot-separated, such as `typing.start`.
    pub(crate) name: Text,
    /// Identifier of the project member who posted the event; absent for bots, subscriptions, and the system.
    pub(crate) project_user: Option<Id<Teammate>>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Always `stardard` (sic).
    #[serde(default = "standard")]
    pub(crate) status: Text,
    /// Project of the event.
    pub(crate) id_project: Id<Project>,
    /// Identifier of the user, visitor, bot, or subscription that posted the event, or `system`.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the event was posted.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the event was last updated.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// Snapshot of the caller, for webhook payloads and frames only.
    #[oai(skip)]
    pub(crate) user: Option<JsonObject>,
}

/// Fields that responses omit.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Hidden<'a> {
    user: Option<&'a JsonObject>,
}

fn standard() -> Text {
    "stardard".into() // sic
}

/// The index terms of custom events.
#[derive(Clone, Copy, Hash)]
enum CustomEventIndex {
    Project,
    Name,
    ProjectUser,
}

impl CustomEvent {
    /// A new event with default values.
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
        Term::new(CustomEventIndex::Project, project)
    }

    pub(crate) fn of_name(project: Id<Project>, name: &str) -> Term {
        Term::new(CustomEventIndex::Name, (project, name))
    }

    /// The events that a member of the project posted.
    pub(crate) fn of_member(project: Id<Project>, member: &str) -> Term {
        Term::new(CustomEventIndex::ProjectUser, (project, member))
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
        terms.add(CustomEventIndex::Project, self.id_project);
        terms.add(CustomEventIndex::Name, (self.id_project, &*self.name));
        if let Some(member) = self.project_user {
            terms.add(CustomEventIndex::ProjectUser, (self.id_project, &*member.to_string()));
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
