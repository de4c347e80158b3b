//! The canned response document and what changes it.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms, words},
    value::{Id, JsonObject, Text, Timestamp},
};

/// A text that the team picks while it chats.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct CannedResponse {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Short name.
    pub(crate) title: Option<Text>,
    /// The text. It may hold placeholders such as `$recipient_name` and `$agent_name`.
    pub(crate) text: Text,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Whether the whole team sees it. Old ones say nothing of it: the team does.
    pub(crate) shared: Option<bool>,
    /// 100 live, 1000 deleted.
    #[serde(default = "live")]
    pub(crate) status: u16,
    /// Project of the response.
    pub(crate) id_project: Id<Project>,
    /// User who created the response.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the response was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the response was changed last.
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

impl CannedResponse {
    pub(crate) const LIVE: u16 = 100;
    pub(crate) const DELETED: u16 = 1000;

    pub(crate) fn is_shared(&self) -> bool {
        self.shared != Some(false)
    }

    /// The live ones that the whole team sees.
    pub(crate) fn shared_in(project: Id<Project>) -> Term {
        Term::new("shared", project)
    }

    /// The live ones of a user.
    pub(crate) fn of_user(project: Id<Project>, user: &str) -> Term {
        Term::new("createdBy", (project, user))
    }

    /// What text searches look at.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.title.iter().chain([&self.text])
    }

    /// The live ones with a word in title or text.
    pub(crate) fn with_word(project: Id<Project>, word: &str) -> Term {
        Term::new("full_text", (project, word))
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
            terms.add("shared", self.id_project);
        }
        terms.add("createdBy", (self.id_project, &*self.created_by));
        for word in self.texts().flat_map(|text| words(text)) {
            terms.add("full_text", (self.id_project, &*word));
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
