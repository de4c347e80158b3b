//! Chatbots: bots that respond to visitors before the team does.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::Bot,
    rules,
    schema::{BotCreation, BotDetail, BotFilter, BotPatch, BotSummary, BotToken, NewBot},
};
use crate::{
    http::{Admin, AdminOrProgram, Agent, Body, Filter, Member, Path, Reply, respond},
    json_schema::{OneOf, Populated},
    value::{JsonObject, RawId, Result, Text},
};

pub(crate) struct Bots;

#[OpenApi(tag = "Section::Chatbots")]
impl Bots {
    /// List the project's bots
    ///
    /// Lists the bots of the project that are not deleted. Agents get only the bots available to them, with fewer
    /// fields.
    ///
    /// Returns the bots, oldest first.
    #[oai(path = "/bots", method = "get", operation_id = "list_bots")]
    async fn list(
        &self,
        member: Member<Agent>,
        filter: Filter<BotFilter>,
    ) -> Result<Reply<Vec<OneOf<Bot, BotSummary>>>> {
        Ok(Reply::new(member.scope.read(|state| rules::list(state, &member.actor, &filter.0))))
    }

    /// Create a bot
    ///
    /// Creates a bot and emits `faqBot.create`. Bots of type `internal` and `tilebot` start with the intents of a
    /// template, for which no events are emitted.
    ///
    /// Returns the created bot with its secret, which no other operation returns.
    #[oai(path = "/bots", method = "post", operation_id = "create_bot")]
    async fn create(
        &self,
        member: Member<Admin>,
        query: Filter<BotCreation>,
        body: Body<NewBot>,
    ) -> Result<Reply<Populated<Bot>>> {
        member.scope.write(|tx| rules::create(tx, &member.actor, body.0, &query.0)).map(Reply::new)
    }
}

pub(crate) struct BotDetails;

#[OpenApi(tag = "Section::Chatbots")]
impl BotDetails {
    /// Get a bot
    ///
    /// Soft-deleted bots can still be read. The project's bots and subscriptions can also call this operation.
    ///
    /// Returns the bot.
    #[oai(path = "/bots/:bot_id", method = "get", operation_id = "get_bot")]
    async fn get(
        &self,
        member: Member<AdminOrProgram>,
        bot_id: Path<RawId<Bot>>,
        query: Filter<BotDetail>,
    ) -> Result<Reply<Populated<Bot>>> {
        let scope = &member.scope;
        scope.read(|state| rules::get(state, scope.project, &bot_id, &query.0)).map(Reply::new)
    }

    /// Update a bot
    ///
    /// Updates the given fields and emits `faqBot.update`. Fields that are absent or `null` keep their value. `trashed`
    /// soft-deletes the bot with its intents and its published copies. A slug that another bot has returns 409. The
    /// project's bots and subscriptions can also call this operation.
    ///
    /// Returns the updated bot.
    #[oai(path = "/bots/:bot_id", method = "put", operation_id = "update_bot")]
    async fn update(
        &self,
        member: Member<AdminOrProgram>,
        bot_id: Path<RawId<Bot>>,
        body: Body<BotPatch>,
    ) -> Result<Reply<Bot>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &member.actor, &bot_id, body.0)))
    }

    /// Delete a bot
    ///
    /// Permanently deletes the bot and its intents, and emits `faqBot.delete`.
    ///
    /// Returns the deleted bot.
    #[oai(path = "/bots/:bot_id", method = "delete", operation_id = "delete_bot")]
    async fn delete(&self, member: Member<Admin>, bot_id: Path<RawId<Bot>>) -> Result<Reply<Bot>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &member.actor, &bot_id)))
    }

    /// Set the language of a bot
    ///
    /// Changes the language of the bot and of all its intents. No events are emitted. The project's bots and
    /// subscriptions can also call this operation.
    ///
    /// Returns the updated bot.
    #[oai(path = "/bots/:bot_id/language/:language", method = "put", operation_id = "set_bot_language")]
    async fn set_language(
        &self,
        member: Member<AdminOrProgram>,
        bot_id: Path<RawId<Bot>>,
        /// Two-letter language code.
        language: Path<Text>,
    ) -> Result<Reply<Bot>> {
        respond::reply(member.scope.write(|tx| rules::set_language(tx, &bot_id, &language)))
    }

    /// Update the attributes of a bot
    ///
    /// Merges the body into the attributes: each key overwrites the attribute of that name, and other attributes keep
    /// their value. Emits `faqBot.update`. The project's bots and subscriptions can also call this operation.
    ///
    /// Returns the updated bot.
    #[oai(path = "/bots/:bot_id/attributes", method = "patch", operation_id = "update_bot_attributes")]
    async fn update_attributes(
        &self,
        member: Member<AdminOrProgram>,
        bot_id: Path<RawId<Bot>>,
        body: Body<JsonObject>,
    ) -> Result<Reply<Bot>> {
        respond::reply(member.scope.write(|tx| rules::update_attributes(tx, &bot_id, body.0)))
    }

    /// Create a token for a bot
    ///
    /// The token allows its holder to call the API as the bot, and does not expire. The project's bots and
    /// subscriptions can also call this operation.
    ///
    /// Returns the token.
    #[oai(path = "/bots/:bot_id/jwt", method = "get", operation_id = "get_bot_jwt")]
    async fn get_jwt(&self, member: Member<AdminOrProgram>, bot_id: Path<RawId<Bot>>) -> Result<Reply<BotToken>> {
        member.scope.write(|tx| rules::jwt(tx, &bot_id)).map(|token| Reply::of(&token))
    }
}
