//! Questions to a knowledge base, and its answers.

use std::collections::BTreeMap;

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    resource::knowledge::{
        content::model::{Content, ContentKind},
        namespace::model::Namespace,
    },
    world::{Decimal, Id, JsonObject, Text, Timestamp, value::Nullable},
};

/// A question to a knowledge base. Nothing but `top_k`, `max_tokens` and `tags` changes which words are answered.
#[derive(Object)]
pub(crate) struct AskedQuestion {
    /// The question.
    pub(crate) question: Text,
    /// Knowledge base to ask.
    pub(crate) namespace: Text,
    /// Provider of the language model; anything but `openai` has to be one that the project integrates.
    pub(crate) llm: Option<Text>,
    /// Name of the language model.
    pub(crate) model: Option<Text>,
    /// Most words of the answer; 256 when it is missing.
    pub(crate) max_tokens: Option<u32>,
    /// Creativity of the answer.
    pub(crate) temperature: Option<f64>,
    /// Most contents that are answered from; 4 when it is missing.
    pub(crate) top_k: Option<u32>,
    /// Where vectors are stored.
    pub(crate) engine: Option<JsonObject>,
    /// How vectors are made.
    pub(crate) embedding: Option<JsonObject>,
    /// What the model is told about itself.
    pub(crate) system_context: Option<Text>,
    /// Balance of the hybrid search: 0 text, 1 vectors.
    pub(crate) alpha: Option<f64>,
    /// Whether the pieces of text are answered, and no answer is written.
    pub(crate) chunks_only: Option<bool>,
    /// Whether the answer is sent piece by piece, as server-sent events.
    pub(crate) stream: Option<bool>,
    /// Whether the answer names its sources.
    pub(crate) citations: Option<bool>,
    /// Only contents with one of these tags.
    pub(crate) tags: Option<Vec<Text>>,
    /// Whether the pieces are ranked twice.
    pub(crate) reranking: Option<bool>,
    /// How many times as many pieces the first ranking takes.
    pub(crate) reranking_multiplier: Option<u32>,
    /// Whether `system_context` is the whole prompt.
    #[oai(rename = "advancedPrompt")]
    pub(crate) advanced_prompt: Option<bool>,
    /// Whether the search begins with an answer that the model makes up.
    pub(crate) use_hyde: Option<bool>,
    /// Whether an earlier answer to the question will do.
    pub(crate) use_cache: Option<bool>,
    /// Name of the server of the provider `vllm`.
    #[oai(rename = "vllmServer")]
    pub(crate) vllm_server: Option<Text>,
}

/// The answer of a knowledge base.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct KnowledgeAnswer {
    /// The answer; `No answer` where there is none.
    pub(crate) answer: Text,
    /// Whether there is an answer.
    pub(crate) success: bool,
    /// Knowledge base that was asked.
    pub(crate) namespace: Id<Namespace>,
    /// Identifier of the content that fits best.
    pub(crate) id: Nullable<Id<Content>>,
    /// Identifiers of all contents that were answered from.
    pub(crate) ids: Vec<Id<Content>>,
    /// Source of the content that fits best.
    pub(crate) source: Nullable<Text>,
    /// Sources of all contents that were answered from.
    pub(crate) sources: Vec<Text>,
    /// Always `null`.
    pub(crate) content_chunks: Nullable<Vec<Text>>,
    /// Words of the question and of the contents.
    pub(crate) prompt_token_size: u32,
    /// Always `null`.
    pub(crate) error_message: Nullable<Text>,
    /// The conversation: turns by their number.
    pub(crate) chat_history_dict: BTreeMap<String, Turn>,
    /// The sources, where they were asked for.
    pub(crate) citations: Option<Vec<Citation>>,
}

/// A question and its answer.
#[derive(Object, Serialize)]
pub(crate) struct Turn {
    /// What was asked.
    pub(crate) question: Text,
    /// What was answered.
    pub(crate) answer: Text,
}

/// A source of an answer.
#[derive(Object, Serialize)]
pub(crate) struct Citation {
    /// Identifier of the content.
    pub(crate) source_id: Id<Content>,
    /// Source of the content.
    pub(crate) source_name: Text,
}

/// The pieces of text that fit a question.
#[derive(Object, Serialize)]
pub(crate) struct Pieces {
    /// Whether there are any.
    pub(crate) success: bool,
    /// Knowledge base that was asked.
    pub(crate) namespace: Id<Namespace>,
    /// The pieces, those that fit best first.
    pub(crate) chunks: Vec<Text>,
    /// Where each piece is from.
    pub(crate) metadata: Vec<PieceOrigin>,
    /// Always `null`.
    pub(crate) error_message: Nullable<Text>,
    /// Seconds that it took: no time at all.
    pub(crate) duration: Decimal,
}

/// Where a piece of text is from.
#[derive(Object, Serialize)]
pub(crate) struct PieceOrigin {
    /// Identifier of the piece: that of the content, and the number of the piece.
    pub(crate) id: Text,
    /// Identifier of the content.
    pub(crate) metadata_id: Id<Content>,
    /// Source of the content.
    pub(crate) metadata_source: Text,
    /// Kind of the content.
    pub(crate) metadata_type: ContentKind,
    /// When it was indexed.
    pub(crate) date: Timestamp,
}

/// A piece of an answer that is sent piece by piece.
#[derive(Serialize)]
pub(crate) struct Fragment<'a> {
    pub(crate) content: &'a str,
}
