//! Bots under the name that the pages of the second version have for them.

use poem_openapi::OpenApi;

use crate::{
    http::{Admin, AdminOrProgram, Agent, Body, Filter, Member, OneOf, Path, Populated, Reply},
    resource::{
        chatbot::{
            Section,
            model::{Bot, BotCreation, BotDetail, BotFilter, BotPatch, BotSummary, NewBot},
            rules,
        },
        crud,
    },
    world::{Given, Result},
};

pub(crate) struct OlderBots;

#[OpenApi(tag = "Section::Chatbots")]
impl OlderBots {
    /// List bots by their older name
    ///
    /// The same as listing bots.
    #[oai(path = "/faq_kb", method = "get", operation_id = "list_faq_kbs")]
    async fn list(
        &self,
        member: Member<Agent>,
        filter: Filter<BotFilter>,
    ) -> Result<Reply<Vec<OneOf<Bot, BotSummary>>>> {
        Ok(Reply::new(member.scope.read(|state| rules::list(state, &member.actor, &filter.0))))
    }

    /// Create a bot by its older name
    ///
    /// The same as creating a bot.
    #[oai(path = "/faq_kb", method = "post", operation_id = "create_faq_kb")]
    async fn create(
        &self,
        member: Member<Admin>,
        query: Filter<BotCreation>,
        body: Body<NewBot>,
    ) -> Result<Reply<Populated<Bot>>> {
        member.scope.write(|tx| rules::create(tx, &member.actor, body.0, &query.0)).map(Reply::new)
    }

    /// Get a bot by its older name
    ///
    /// The same as getting a bot.
    #[oai(path = "/faq_kb/:bot_id", method = "get", operation_id = "get_faq_kb")]
    async fn get(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the bot.
        bot_id: Path<Given<Bot>>,
        query: Filter<BotDetail>,
    ) -> Result<Reply<Populated<Bot>>> {
        let scope = &member.scope;
        scope.read(|state| rules::get(state, scope.project, &bot_id, &query.0)).map(Reply::new)
    }

    /// Update a bot by its older name
    ///
    /// The same as updating a bot.
    #[oai(path = "/faq_kb/:bot_id", method = "put", operation_id = "update_faq_kb")]
    async fn update(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the bot.
        bot_id: Path<Given<Bot>>,
        body: Body<BotPatch>,
    ) -> Result<Reply<Bot>> {
        crud::reply(member.scope.write(|tx| rules::update(tx, &member.actor, &bot_id, body.0)))
    }

    /// Delete a bot by its older name
    ///
    /// The same as deleting a bot.
    #[oai(path = "/faq_kb/:bot_id", method = "delete", operation_id = "delete_faq_kb")]
    async fn delete(
        &self,
        member: Member<Admin>,
        /// Identifier of the bot.
        bot_id: Path<Given<Bot>>,
    ) -> Result<Reply<Bot>> {
        crud::reply(member.scope.write(|tx| rules::delete(tx, &member.actor, &bot_id)))
    }
}
