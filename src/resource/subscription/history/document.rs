//! An entry of the history of deliveries.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms},
    value::{Id, Text, Timestamp, json, primitive::Nullable},
};

/// One delivery, written after its last attempt.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubscriptionLog {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name of the event.
    pub(crate) event: Text,
    /// URL that was told.
    pub(crate) target: Text,
    /// The response as a JSON text: `statusCode`, what was sent, and, for owners, `body` and `headers`.
    pub(crate) response: Option<Text>,
    /// What was sent, as a JSON text.
    #[oai(rename = "jsonRequest")]
    #[serde(rename = "jsonRequest")]
    pub(crate) json_request: Option<Text>,
    /// The body of the response as a JSON text, for owners.
    pub(crate) body: Option<Text>,
    /// Why nothing was answered.
    pub(crate) err: Nullable<Text>,
    /// Project of the subscription.
    pub(crate) id_project: Id<Project>,
    /// When the entry was written.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// The same.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

impl SubscriptionLog {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new("project", project)
    }
}

impl Document for SubscriptionLog {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add("project", self.id_project);
    }
}

impl Entity for SubscriptionLog {
    const NESTING: usize = json::NESTING + 20;

    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
