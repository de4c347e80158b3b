//! The knowledge base document and what changes it.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms, render},
    value::{Decimal, Id, Text, Timestamp, primitive::Nullable},
};

/// A knowledge base: contents from which bots answer.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Namespace {
    /// Identifier. That of the project for its default knowledge base.
    pub(crate) id: Id<Self>,
    /// Project of the knowledge base.
    pub(crate) id_project: Id<Project>,
    /// Name.
    pub(crate) name: Text,
    /// Whether it is the default knowledge base of the project.
    #[serde(default)]
    pub(crate) default: bool,
    /// Whether it is searched by text as well as by vectors.
    #[serde(default)]
    pub(crate) hybrid: bool,
    /// Settings with which it is tried out.
    #[serde(default)]
    pub(crate) preview_settings: PreviewSettings,
    /// Where its vectors are stored.
    pub(crate) engine: Option<Engine>,
    /// How its vectors are made.
    pub(crate) embedding: Option<Embedding>,
    /// When the knowledge base was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the knowledge base was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// When its index was deleted last. What was indexed before is not found any more.
    #[oai(skip)]
    #[serde(rename = "indexDeletedAt")]
    pub(crate) index_deleted_at: Option<Timestamp>,
}

/// The last field: what answers do not show.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Hidden {
    #[serde(rename = "indexDeletedAt")]
    index_deleted_at: Option<Timestamp>,
}

/// Settings of the language model.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PreviewSettings {
    /// Provider of the model.
    llm: Option<Text>,
    /// Name of the model.
    model: Option<Text>,
    /// Most tokens of an answer.
    max_tokens: Option<u32>,
    /// Creativity of the answers: 0 to 1.
    temperature: Option<Decimal>,
    /// Pieces of text from which an answer is written.
    top_k: Option<u32>,
    /// Balance of the hybrid search: 0 text, 1 vectors.
    alpha: Option<Decimal>,
    /// What the model is told about itself.
    #[oai(default)]
    context: Nullable<Text>,
    /// Whether the pieces are shown instead of an answer.
    chunks_only: Option<bool>,
    /// Whether the pieces are ranked twice.
    reranking: Option<bool>,
    /// How many times as many pieces the first ranking takes.
    reranking_multiplier: Option<u32>,
    /// Whether `context` is the whole prompt.
    #[oai(rename = "advancedPrompt")]
    #[serde(rename = "advancedPrompt")]
    advanced_prompt: Option<bool>,
    /// Whether answers name their sources.
    citations: Option<bool>,
    /// Whether the search begins with an answer that the model makes up.
    use_hyde: Option<bool>,
}

/// Where vectors are stored.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Engine {
    /// Name of the store.
    name: Text,
    /// Kind of the store.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    kind: Text,
    /// Key of the store; always empty.
    apikey: Text,
    /// Dimensions of a vector.
    vector_size: u32,
    /// Name of the index.
    index_name: Text,
    /// Host of the store.
    host: Option<Text>,
    /// Port of the store.
    port: Option<Text>,
    /// How the store is deployed.
    deployment: Option<Text>,
}

/// How vectors are made.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Embedding {
    /// Provider of the model.
    provider: Text,
    /// Name of the model.
    name: Text,
    /// Dimensions of a vector.
    dimension: u32,
    /// Address of the model.
    url: Option<Text>,
    /// Key of the model; always empty.
    api_key: Text,
}

impl PreviewSettings {
    /// Those of a new knowledge base, as the documentation has them; the reference server's are newer.
    pub(super) fn initial() -> Self {
        Self {
            model: Some("gpt-3.5-turbo".into()),
            max_tokens: Some(128),
            temperature: Some(Decimal::from(0.7)),
            top_k: Some(4),
            context: Nullable(Some("You are an awesome AI Assistant.".into())),
            ..Self::default()
        }
    }
}

impl Engine {
    /// That of a new knowledge base.
    pub(super) fn initial(hybrid: bool) -> Self {
        Self {
            name: "pinecone".into(),
            kind: "serverless".into(),
            apikey: "".into(),
            vector_size: 1_536,
            index_name: if hybrid { "llm-sample-hybrid-index" } else { "llm-sample-index" }.into(),
            host: None,
            port: None,
            deployment: None,
        }
    }
}

impl Embedding {
    /// That of a new knowledge base.
    pub(super) fn initial() -> Self {
        Self {
            provider: "openai".into(),
            name: "text-embedding-ada-002".into(),
            dimension: 1_536,
            url: None,
            api_key: "".into(),
        }
    }
}

impl Namespace {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new("project", project)
    }
}

impl Document for Namespace {
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

    fn private_fields(&self) -> Vec<u8> {
        render(&Hidden { index_deleted_at: self.index_deleted_at })
    }
}

impl Entity for Namespace {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
