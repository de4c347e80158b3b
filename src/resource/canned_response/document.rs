//! The canned response document and its index terms.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms, words},
    value::{Id, JsonObject, Text, Timestamp},
};

/// A reusable text that teammates insert while chatting.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct CannedResponse {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Short title.
    pub(crate) title: Option<Text>,
    /// Text. It can contain placeholders such as `$recipient_name` and `$agent_name`.
    pub(crate) text: Text,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Whether the canned response is shared with the team. Older ones without this field are shared.
    pub(crate) shared: Option<bool>,
    /// Status: 100 (active) or 1000 (deleted).
    #[serde(default = "live")]
    pub(crate) status: u16,
    /// Project of the canned response.
    pub(crate) id_project: Id<Project>,
    /// User who created the canned response.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the canned response was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the canned response was last updated.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

fn live() -> u16 {
    CannedResponse::LIVE
}

/// The index terms of canned responses.
#[derive(Clone, Copy, Hash)]
enum CannedResponseIndex {
    Shared,
    CreatedBy,
    FullText,
}

impl CannedResponse {
    pub(crate) const LIVE: u16 = 100;
    pub(crate) const DELETED: u16 = 1000;

    pub(crate) fn is_shared(&self) -> bool {
        self.shared != Some(false)
    }

    /// Canned responses that are shared and not deleted.
    pub(crate) fn shared_in(project: Id<Project>) -> Term {
        Term::new(CannedResponseIndex::Shared, project)
    }

    /// Canned responses of a user that are not deleted.
    pub(crate) fn of_user(project: Id<Project>, user: &str) -> Term {
        Term::new(CannedResponseIndex::CreatedBy, (project, user))
    }

    /// The texts that a search covers.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.title.iter().chain([&self.text])
    }

    /// Canned responses with a word in title or text that are not deleted.
    pub(crate) fn with_word(project: Id<Project>, word: &str) -> Term {
        Term::new(CannedResponseIndex::FullText, (project, word))
    }
}

impl Document for CannedResponse {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        if self.status >= Self::DELETED {
            return;
        }
        if self.is_shared() {
            terms.add(CannedResponseIndex::Shared, self.id_project);
        }
        terms.add(CannedResponseIndex::CreatedBy, (self.id_project, &*self.created_by));
        for word in self.texts().flat_map(|text| words(text)) {
            terms.add(CannedResponseIndex::FullText, (self.id_project, &*word));
        }
    }
}

impl Entity for CannedResponse {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
