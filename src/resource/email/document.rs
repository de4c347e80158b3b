//! A mail, and what is sent to have it sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Terms},
    value::{Id, Text, Timestamp},
};

/// A mail that would have been sent. No answer shows it.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Email {
    /// Identifier.
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Address.
    pub(crate) to: Text,
    /// Subject.
    pub(crate) subject: Option<Text>,
    /// Text.
    pub(crate) text: Option<Text>,
    /// Address for answers.
    #[serde(rename = "replyTo")]
    pub(crate) reply_to: Option<Text>,
    /// The conversation to which it belongs.
    pub(crate) request_id: Option<Text>,
    /// The chatbot to which its link leads.
    pub(crate) bot_id: Option<Text>,
    /// The namespace of the knowledge base to which its link leads.
    pub(crate) namespace_id: Option<Text>,
    /// Project of the mail.
    pub(crate) id_project: Id<Project>,
    /// Who had it sent.
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When it would have been sent.
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
