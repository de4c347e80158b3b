//! Asking a knowledge base.

use std::{cmp::Reverse, collections::BTreeMap};

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::{
    document::AnsweredQuestion,
    rules::{answered, unanswered},
};
use crate::{
    http::{AdminOrProgram, Body, Member, Reply},
    json_schema::{Either, EventStream, OneOf},
    resource::knowledge::{
        Section,
        content::document::{Content, ContentKind},
        namespace::{self, document::Namespace, plan},
    },
    state::Tx,
    store::{Order, Query, render, words},
    value::{Decimal, Error, Id, JsonObject, Result, Text, Timestamp, error::ErrorBody, primitive::Nullable},
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

pub(crate) struct Asking;

#[OpenApi(tag = "Section::Questions")]
impl Asking {
    /// Ask a knowledge base
    ///
    /// Answers with the words of the indexed contents that share most words with the question, always the same way, and
    /// records the question as answered or unanswered. With `chunks_only` the pieces of text are answered instead, with
    /// `stream` the answer comes piece by piece.
    #[oai(path = "/kb/qa", method = "post", operation_id = "ask_knowledge_base")]
    async fn ask(
        &self,
        member: Member<AdminOrProgram>,
        body: Body<AskedQuestion>,
    ) -> Result<Either<Reply<OneOf<KnowledgeAnswer, Pieces>>, EventStream>> {
        member.scope.write(|tx| ask(tx, body.0)).map(Either::from)
    }
}

impl From<Told> for Either<Reply<OneOf<KnowledgeAnswer, Pieces>>, EventStream> {
    fn from(told: Told) -> Self {
        match told {
            Told::Whole(answer) => Self::This(Reply::new(answer)),
            Told::Pieces(pieces) => Self::That(EventStream(pieces)),
        }
    }
}

/// Contents that are answered from, and words of an answer, where the question does not say.
const TOP_K: u32 = 4;
const MAX_TOKENS: u32 = 256;

/// What is answered.
enum Told {
    Whole(Bytes),
    /// Piece by piece, the whole as the last one.
    Pieces(Vec<Bytes>),
}

fn ask(tx: &mut Tx, asked: AskedQuestion) -> Result<Told> {
    let namespace = namespace::rules::find(tx.state(), tx.project(), &asked.namespace)?.value().into_owned();
    if let Some(llm) = asked.llm.as_ref().filter(|llm| !matches!(llm.as_str(), "" | "openai")) {
        let text = format!("Integration {llm} not found for project {}", tx.project());
        return Err(Error::not_found(ErrorBody::Error(text.into())));
    }
    plan::tokens(tx, || spent(tx))?;
    let found = search(tx, &namespace, &asked);
    if found.is_empty() {
        let question = unanswered(tx, namespace.id, asked.question.clone());
        tx.put(question)?;
    }
    if asked.chunks_only == Some(true) {
        return Ok(Told::Whole(render(&pieces(&namespace, &found, &asked)).into()));
    }
    let answer = answer(&namespace, &found, &asked);
    if answer.success {
        let record = answered(tx, namespace.id, asked.question, answer.answer.clone());
        tx.put(AnsweredQuestion { tokens: Some(answer.prompt_token_size), ..record })?;
    }
    let whole: Bytes = render(&answer).into();
    if asked.stream != Some(true) {
        return Ok(Told::Whole(whole));
    }
    let fragments = answer.answer.split_inclusive(char::is_whitespace);
    let fragments = fragments.map(|content| render(&Fragment { content }).into());
    Ok(Told::Pieces(fragments.chain([whole]).collect()))
}

/// Tokens that the answers of the project took.
fn spent(tx: &Tx) -> u64 {
    let answers = tx.state().tables.answered_questions.with(AnsweredQuestion::of_project(tx.project()));
    answers.map(|answer| u64::from(answer.value().tokens.unwrap_or_default())).sum()
}

/// The indexed contents that share most words with the question; of those that share as many the oldest come first.
fn search(tx: &Tx, namespace: &Namespace, asked: &AskedQuestion) -> Vec<Content> {
    let now = tx.now();
    let mut all = vec![words(&asked.question).map(|word| Content::with_word(namespace.id, &word)).collect()];
    if let Some(tags) = asked.tags.as_ref().filter(|tags| !tags.is_empty()) {
        all.push(tags.iter().map(|tag| Content::with_tag(namespace.id, tag)).collect());
    }
    let rows = tx.state().tables.contents.list(&Query {
        all,
        also: Vec::new(),
        only: Some(Box::new(move |content: &Content| content.is_found(namespace, now))),
        range: 0..i64::MAX,
        order: Order::Relevance,
        skip: 0,
        limit: usize::MAX,
    });
    let mut found: Vec<_> = rows.docs.iter().map(|content| content.value().into_owned()).zip(rows.scores).collect();
    found.sort_by_key(|(content, score)| (Reverse(*score), content.created_at, content.id));
    let top = asked.top_k.unwrap_or(TOP_K) as usize;
    found.into_iter().map(|(content, _)| content).take(top).collect()
}

fn answer(namespace: &Namespace, found: &[Content], asked: &AskedQuestion) -> KnowledgeAnswer {
    let whole = found.iter().map(Content::text).collect::<Vec<_>>().join("\n\n");
    let words = count(&asked.question) + count(&whole);
    let answer = match found {
        [] => "No answer",
        _ => first_words(&whole, asked.max_tokens.unwrap_or(MAX_TOKENS) as usize),
    };
    let turn = Turn { question: asked.question.clone(), answer: answer.into() };
    let citations = asked.citations.unwrap_or_default().then(|| {
        let named = |content: &Content| Citation { source_id: content.id, source_name: content.source.clone() };
        found.iter().map(named).collect()
    });
    KnowledgeAnswer {
        answer: answer.into(),
        success: !found.is_empty(),
        namespace: namespace.id,
        id: Nullable(found.first().map(|content| content.id)),
        ids: found.iter().map(|content| content.id).collect(),
        source: Nullable(found.first().map(|content| content.source.clone())),
        sources: found.iter().map(|content| content.source.clone()).collect(),
        content_chunks: Nullable(None),
        prompt_token_size: words,
        error_message: Nullable(None),
        chat_history_dict: BTreeMap::from([("0".to_owned(), turn)]),
        citations,
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}

/// The beginning of a text, as it is written.
fn first_words(text: &str, most: usize) -> &str {
    // Where words begin; the one after the last that is wanted ends them.
    let begins = text.char_indices().zip(std::iter::once(' ').chain(text.chars()));
    let begins = begins.filter(|((_, letter), before)| !letter.is_whitespace() && before.is_whitespace());
    let end = begins.map(|((at, _), _)| at).nth(most).unwrap_or(text.len());
    text[..end].trim_end()
}

/// The pieces of the contents that were found, as many as were asked for.
fn pieces(namespace: &Namespace, found: &[Content], asked: &AskedQuestion) -> Pieces {
    let most = asked.top_k.unwrap_or(TOP_K) as usize;
    let (chunks, metadata) = found
        .iter()
        .flat_map(namespace::rules::split)
        .take(most)
        .map(|piece| {
            let origin = PieceOrigin {
                id: piece.id,
                metadata_id: piece.metadata_id,
                metadata_source: piece.metadata_source,
                metadata_type: piece.metadata_type,
                date: piece.date,
            };
            (piece.text, origin)
        })
        .unzip();
    Pieces {
        success: !found.is_empty(),
        namespace: namespace.id,
        chunks,
        metadata,
        error_message: Nullable(None),
        duration: Decimal::from(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::first_words;

    #[test]
    fn the_first_words_keep_what_is_between_them() {
        let text = "One  two\n\nthree é four";
        for (most, expected) in
            [(0, ""), (1, "One"), (2, "One  two"), (3, "One  two\n\nthree"), (4, "One  two\n\nthree é"), (9, text)]
        {
            assert_eq!(first_words(text, most), expected, "{most}");
        }
    }
}
