//! Questions to bots, and training. Nothing is trained: questions are compared with the example questions as stored.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde_json::json;

use super::{
    Section,
    document::Bot,
    faq::{document::Faq, matching, rules as faq},
    rules::{load, named, save},
};
use crate::{
    http::{Admin, Body, Member, Path, Reply, respond},
    json_schema::Populated,
    render,
    resource::project::document::Project,
    state::{State, Tx},
    store::Doc,
    value::{
        Error, Id, JsonObject, RawId, Result, Text,
        error::{ErrorBody, ErrorKind},
        primitive::Nullable,
    },
};

/// A question to a bot.
#[derive(Object)]
pub(crate) struct Question {
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
    /// Text of the question.
    pub(crate) question: Option<Text>,
}

/// The FAQs that match a question.
#[derive(Object)]
pub(crate) struct Hits {
    /// Matching FAQs, best match first.
    pub(crate) hits: Vec<Populated<Faq>>,
}

/// A bot to train.
#[derive(Object)]
pub(crate) struct Trainee {
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
}

/// A bot whose intent recognition engine to train.
#[derive(Object)]
pub(crate) struct AiTrainee {
    /// Identifier of the bot.
    pub(crate) id_faq_kb: Text,
    /// Has no effect.
    pub(crate) webhook_enabled: Option<bool>,
}

/// The result of a training request.
#[derive(Object)]
pub(crate) struct AiTraining {
    /// Always `true`.
    pub(crate) success: bool,
    /// Always `Trained not started`.
    pub(crate) message: Text,
    /// Reason why no training was started.
    pub(crate) reason: Text,
}

/// The training data of a bot.
#[derive(Object)]
pub(crate) struct Training {
    /// Training examples.
    pub(crate) train: Lesson,
    /// Response of the training service, always `null`.
    #[oai(rename = "httpResponse")]
    pub(crate) http_response: Nullable<JsonObject>,
}

/// The training examples of a bot.
#[derive(Object)]
pub(crate) struct Lesson {
    /// Two-letter language code.
    pub(crate) language: Text,
    /// Intents.
    pub(crate) nlu: Vec<IntentExamples>,
}

/// The training examples of an intent.
#[derive(Object)]
pub(crate) struct IntentExamples {
    /// Name of the intent, unique within the bot.
    pub(crate) intent: Text,
    /// Example questions.
    pub(crate) examples: Vec<Text>,
}

pub(crate) struct BotTrainings;

#[OpenApi(tag = "Section::Chatbots")]
impl BotTrainings {
    /// Ask a bot a question
    ///
    /// Finds the FAQs of a bot of type `internal` or `tilebot` that match a question. An exact match with an example
    /// question scores 100, any other match the number of shared words. Other types of bots return 400.
    ///
    /// Returns the matching FAQs, best match first.
    #[oai(path = "/bots/askbot", method = "post", operation_id = "ask_bot")]
    async fn ask(&self, member: Member<Admin>, body: Body<Question>) -> Result<Reply<Hits>> {
        let scope = &member.scope;
        scope.read(|state| ask(state, scope.project, &body.0)).map(Reply::new)
    }

    /// Train the AI of a bot
    ///
    /// Training is never started.
    ///
    /// Returns the reason why no training was started.
    #[oai(path = "/bots/aitrain", method = "post", operation_id = "train_bot_ai")]
    async fn train_ai(&self, member: Member<Admin>, body: Body<AiTrainee>) -> Result<Reply<AiTraining>> {
        let scope = &member.scope;
        scope.read(|state| train_ai(state, scope.project, &body.0)).map(|training| Reply::of(&training))
    }

    /// Train a bot
    ///
    /// Assembles the training data of a bot of type `internal` that has a `url`. No training is started. Other bots,
    /// and bots without FAQs, return 400.
    ///
    /// Returns the training data.
    #[oai(path = "/bots/train", method = "post", operation_id = "train_bot")]
    async fn train(&self, member: Member<Admin>, body: Body<Trainee>) -> Result<Reply<Training>> {
        let scope = &member.scope;
        scope.read(|state| train(state, scope.project, &body.0)).map(|training| Reply::of(&training))
    }

    /// Mark a bot as trained
    ///
    /// Sets `trained` and emits `faqBot.update`.
    ///
    /// Returns the updated bot.
    #[oai(path = "/bots/:bot_id/training", method = "post", operation_id = "mark_bot_trained")]
    async fn mark_trained(&self, member: Member<Admin>, bot_id: Path<RawId<Bot>>) -> Result<Reply<Bot>> {
        respond::reply(member.scope.write(|tx| mark_trained(tx, &bot_id)))
    }
}

fn refused(text: &'static str) -> Error {
    Error::new(ErrorKind::Malformed, ErrorBody::msg(Cow::Borrowed(text)))
}

fn ask(state: &State, project: Id<Project>, question: &Question) -> Result<Bytes> {
    let bot = named(state, project, &question.id_faq_kb).ok_or(Error::OBJECT_NOT_FOUND)?;
    if !bot.value().has_intents() {
        return Err(refused("askbot on external bot."));
    }
    let text = question.question.as_deref().unwrap_or_default();
    let hits = matching::hits(state, project, bot.value().id, text).into_iter().map(|hit| {
        let mut whole = render::json::Object::new(hit.faq.json(), 20);
        whole.field("score", hit.score.to_string().as_bytes());
        whole.end()
    });
    let mut answer = render::json::Object::new(b"{}", 1_000);
    answer.list("hits", hits);
    Ok(answer.end())
}

fn train_ai(state: &State, project: Id<Project>, trainee: &AiTrainee) -> Result<AiTraining> {
    if named(state, project, &trainee.id_faq_kb).is_none() {
        return Err(Error::not_found(ErrorBody::Own(json!({"sucess": false, "error": "Chatbot not found"})))); // sic
    }
    Ok(AiTraining {
        success: true,
        message: "Trained not started".into(),
        reason: "Training available for intentsEngine equal to tiledesk-ai only".into(),
    })
}

fn train(state: &State, project: Id<Project>, trainee: &Trainee) -> Result<Training> {
    let bot = named(state, project, &trainee.id_faq_kb).ok_or(Error::OBJECT_NOT_FOUND)?;
    let bot = bot.value();
    if &*bot.kind != Bot::INTERNAL || bot.url.is_none() {
        return Err(refused("you can train a standard internal bot or an external bot."));
    }
    let faqs = faq::of_bot(state, bot.id);
    if faqs.is_empty() {
        return Err(refused("no faq to  train on external bot.")); // sic
    }
    let nlu = faqs.iter().map(|faq| {
        let faq = faq.value();
        let intent = faq.intent_display_name.clone().unwrap_or_default();
        IntentExamples { intent, examples: faq.examples().map(Text::from).collect() }
    });
    let train = Lesson { language: bot.language.clone(), nlu: nlu.collect() };
    Ok(Training { train, http_response: Nullable(None) })
}

fn mark_trained(tx: &mut Tx, id: &RawId<Bot>) -> Result<Arc<Doc<Bot>>> {
    let bot = load(tx, id)?;
    save(tx, Bot { trained: true, ..bot })
}
