//! The stored subscription.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms, render},
    value::{Id, Text, Timestamp, primitive::Secret},
};

/// A subscription of a URL to an event.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscription {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// URL to which the event is delivered.
    pub(crate) target: Text,
    /// Name of the event, such as `lead.create`.
    pub(crate) event: Text,
    /// Project that the subscription belongs to.
    pub(crate) id_project: Id<Project>,
    /// User who created the subscription.
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
    /// Whether the subscription receives the events of all projects.
    #[oai(skip)]
    #[serde(default)]
    pub(crate) global: bool,
    /// Secret with which the receiver authenticates the sender.
    #[oai(skip)]
    #[serde(default)]
    pub(crate) secret: Secret,
}

/// Stored as the last fields, hidden from responses.
#[derive(Serialize)]
struct Hidden<'a> {
    global: bool,
    secret: &'a Secret,
}

/// The index terms of subscriptions.
#[derive(Clone, Copy, Hash)]
enum SubscriptionIndex {
    Project,
    Event,
    Global,
    Target,
}

impl Subscription {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(SubscriptionIndex::Project, project)
    }

    /// Subscriptions of a project to an event.
    pub(crate) fn to(project: Id<Project>, event: &str) -> Term {
        Term::new(SubscriptionIndex::Event, (project, event))
    }

    /// Subscriptions to an event in all projects.
    pub(crate) fn to_all(event: &str) -> Term {
        Term::new(SubscriptionIndex::Global, event)
    }

    /// The subscription of a project that delivers an event to a target.
    pub(crate) fn exactly(project: Id<Project>, event: &str, target: &str) -> Term {
        Term::new(SubscriptionIndex::Target, (project, event, target))
    }
}

impl Document for Subscription {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(SubscriptionIndex::Project, self.id_project);
        terms.unique(SubscriptionIndex::Target, "target", (self.id_project, &*self.event, &*self.target));
        if self.global {
            terms.add(SubscriptionIndex::Global, &*self.event);
        } else {
            terms.add(SubscriptionIndex::Event, (self.id_project, &*self.event));
        }
    }

    fn private_fields(&self) -> Vec<u8> {
        render(&Hidden { global: self.global, secret: &self.secret })
    }
}

impl Entity for Subscription {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
