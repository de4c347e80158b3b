//! What bots make of questions, and how they are taught.

use poem_openapi::OpenApi;

use super::{
    model::{AiTrainee, AiTraining, Hits, Question, Trainee, Training},
    rules,
};
use crate::{
    http::{Admin, Body, Member, Path, Reply},
    resource::{
        chatbot::{Section, model::Bot},
        crud,
    },
    world::{Given, Result},
};

pub(crate) struct BotTrainings;

#[OpenApi(tag = "Section::Chatbots")]
impl BotTrainings {
    /// Ask a bot
    ///
    /// The faqs of an internal bot that fit a question. The very words of an example score 100, others as many as they
    /// share.
    #[oai(path = "/bots/askbot", method = "post", operation_id = "ask_bot")]
    async fn ask(&self, member: Member<Admin>, body: Body<Question>) -> Result<Reply<Hits>> {
        let scope = &member.scope;
        scope.read(|state| rules::ask(state, scope.project, &body.0)).map(Reply::new)
    }

    /// Train the recognition of a bot
    ///
    /// Never starts: there is nothing to be trained.
    #[oai(path = "/bots/aitrain", method = "post", operation_id = "train_bot_ai")]
    async fn train_ai(&self, member: Member<Admin>, body: Body<AiTrainee>) -> Result<Reply<AiTraining>> {
        let scope = &member.scope;
        scope.read(|state| rules::train_ai(state, scope.project, &body.0)).map(|training| Reply::of(&training))
    }

    /// Train a bot
    ///
    /// Shows what the trainer of an internal bot with an address would be given.
    #[oai(path = "/bots/train", method = "post", operation_id = "train_bot")]
    async fn train(&self, member: Member<Admin>, body: Body<Trainee>) -> Result<Reply<Training>> {
        let scope = &member.scope;
        scope.read(|state| rules::train(state, scope.project, &body.0)).map(|training| Reply::of(&training))
    }

    /// Mark a bot as trained
    ///
    /// Says that the recognition of the bot knows its intents.
    #[oai(path = "/bots/:bot_id/training", method = "post", operation_id = "mark_bot_trained")]
    async fn mark_trained(
        &self,
        member: Member<Admin>,
        /// Identifier of the bot.
        bot_id: Path<Given<Bot>>,
    ) -> Result<Reply<Bot>> {
        crud::reply(member.scope.write(|tx| rules::mark_trained(tx, &bot_id)))
    }
}
