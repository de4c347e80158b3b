//! What must hold where bots are asked and taught.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use serde_json::json;

use super::model::{AiTrainee, AiTraining, IntentExamples, Lesson, Question, Trainee, Training};
use crate::{
    resource::{
        chatbot::{
            faq::{matching, rules as faq},
            model::Bot,
            rules::{load, named, save},
        },
        project::model::Project,
    },
    store::{Doc, join},
    world::{
        Error, Given, Id, Result, State, Text, Tx,
        error::{Kind, Words},
        value::Nullable,
    },
};

fn refused(text: &'static str) -> Error {
    Error::new(Kind::Malformed, Words::Msg(Cow::Borrowed(text)))
}

pub(super) fn ask(state: &State, project: Id<Project>, question: &Question) -> Result<Bytes> {
    let bot = named(state, project, &question.id_faq_kb).ok_or(Error::OBJECT_NOT_FOUND)?;
    if !bot.value().has_intents() {
        return Err(refused("askbot on external bot."));
    }
    let text = question.question.as_deref().unwrap_or_default();
    let hits = matching::hits(state, project, bot.value().id, text).into_iter().map(|hit| {
        let mut whole = join::Object::new(hit.faq.json(), 20);
        whole.field("score", hit.score.to_string().as_bytes());
        whole.end()
    });
    let mut answer = join::Object::new(b"{}", 1_000);
    answer.list("hits", hits);
    Ok(answer.end())
}

pub(super) fn train_ai(state: &State, project: Id<Project>, trainee: &AiTrainee) -> Result<AiTraining> {
    if named(state, project, &trainee.id_faq_kb).is_none() {
        // The key is the API's.
        return Err(Error::not_found(Words::Own(json!({"sucess": false, "error": "Chatbot not found"}))));
    }
    Ok(AiTraining {
        success: true,
        message: "Trained not started".into(),
        reason: "Training available for intentsEngine equal to tiledesk-ai only".into(),
    })
}

pub(super) fn train(state: &State, project: Id<Project>, trainee: &Trainee) -> Result<Training> {
    let bot = named(state, project, &trainee.id_faq_kb).ok_or(Error::OBJECT_NOT_FOUND)?;
    let bot = bot.value();
    if &*bot.kind != Bot::INTERNAL || bot.url.is_none() {
        return Err(refused("you can train a standard internal bot or an external bot."));
    }
    let faqs = faq::of_bot(state, bot.id);
    if faqs.is_empty() {
        // Both blanks are the API's.
        return Err(refused("no faq to  train on external bot."));
    }
    let nlu = faqs.iter().map(|faq| {
        let faq = faq.value();
        let intent = faq.intent_display_name.clone().unwrap_or_default();
        IntentExamples { intent, examples: faq.examples().map(Text::from).collect() }
    });
    let train = Lesson { language: bot.language.clone(), nlu: nlu.collect() };
    Ok(Training { train, http_response: Nullable(None) })
}

pub(super) fn mark_trained(tx: &mut Tx, id: &Given<Bot>) -> Result<Arc<Doc<Bot>>> {
    let bot = load(tx, id)?;
    save(tx, Bot { trained: true, ..bot })
}
