//! What is answered to a question.

use std::{cmp::Reverse, collections::BTreeMap};

use bytes::Bytes;

use super::model::{AskedQuestion, Citation, Fragment, KnowledgeAnswer, PieceOrigin, Pieces, Turn};
use crate::{
    resource::knowledge::{
        content::model::Content,
        namespace::{self, model::Namespace, plan},
        question::{
            model::AnsweredQuestion,
            rules::{answered, unanswered},
        },
    },
    store::{Order, Query, render, words},
    world::{Decimal, Error, Result, Tx, error::Words, value::Nullable},
};

/// Contents that are answered from, and words of an answer, where the question does not say.
const TOP_K: u32 = 4;
const MAX_TOKENS: u32 = 256;

/// What is answered.
pub(super) enum Told {
    Whole(Bytes),
    /// Piece by piece, the whole as the last one.
    Pieces(Vec<Bytes>),
}

pub(super) fn ask(tx: &mut Tx, asked: AskedQuestion) -> Result<Told> {
    let namespace = namespace::rules::find(tx.state(), tx.project(), &asked.namespace)?.value().into_owned();
    if let Some(llm) = asked.llm.as_ref().filter(|llm| !matches!(llm.as_str(), "" | "openai")) {
        let text = format!("Integration {llm} not found for project {}", tx.project());
        return Err(Error::not_found(Words::Error(text.into())));
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
