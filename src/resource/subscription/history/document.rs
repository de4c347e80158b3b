//! The stored entry of the delivery history.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms},
    value::{Id, Text, Timestamp, json, primitive::Nullable},
};

/// A webhook delivery, recorded after its last attempt.
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
    /// URL to which the event was delivered.
    pub(crate) target: Text,
    /// Response as JSON text: `statusCode`, `request`, and, for owners only, `body` and `headers`.
    pub(crate) response: Option<Text>,
    /// Request as JSON text.
    #[oai(rename = "jsonRequest")]
    #[serde(rename = "jsonRequest")]
    pub(crate) json_request: Option<Text>,
    /// Body of the response as JSON text, for owners only.
    pub(crate) body: Option<Text>,
    /// Reason why there is no response.
    pub(crate) err: Nullable<Text>,
    /// Project that the subscription belongs to.
    pub(crate) id_project: Id<Project>,
    /// Creation time.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Same value as `createdAt`.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// The index terms of subscription logs.
#[derive(Clone, Copy, Hash)]
enum SubscriptionLogIndex {
    Project,
}

impl SubscriptionLog {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(SubscriptionLogIndex::Project, project)
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
        terms.add(SubscriptionLogIndex::Project, self.id_project);
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
