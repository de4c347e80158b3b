//! The email document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Terms},
    value::{Id, Text, Timestamp},
};

/// An email that would have been sent. No operation returns it.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Email {
    /// Identifier.
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Recipient address.
    pub(crate) to: Text,
    /// Subject.
    pub(crate) subject: Option<Text>,
    /// Text.
    pub(crate) text: Option<Text>,
    /// Reply-to address.
    #[serde(rename = "replyTo")]
    pub(crate) reply_to: Option<Text>,
    /// `request_id` of the conversation to which the email belongs.
    pub(crate) request_id: Option<Text>,
    /// Identifier of the chatbot to which the email links.
    pub(crate) bot_id: Option<Text>,
    /// Identifier of the knowledge base (namespace) to which the email links.
    pub(crate) namespace_id: Option<Text>,
    /// Project of the email.
    pub(crate) id_project: Id<Project>,
    /// Caller who sent the email.
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the email would have been sent.
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
}

impl Document for Email {
    type Id = Id<Self>;
    type Retained = ();

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, _: &mut Terms) {}
}

impl Entity for Email {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, _: Timestamp) {}
}
