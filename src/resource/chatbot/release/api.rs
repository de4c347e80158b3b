//! Published copies of bots.

use poem_openapi::OpenApi;

use super::{model::Release, rules};
use crate::{
    http::{Admin, AdminOrProgram, Body, Member, Path, Populated, Reply},
    resource::chatbot::{Section, model::Bot, transfer::model::ForkResult},
    world::{Given, Result},
};

pub(crate) struct BotReleases;

#[OpenApi(tag = "Section::Chatbots")]
impl BotReleases {
    /// List the published copies of a bot
    ///
    /// The last hundred of them, newest first, each with who published it.
    #[oai(path = "/bots/:bot_id/published", method = "get", operation_id = "list_published_bots")]
    async fn list(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the bot.
        bot_id: Path<Given<Bot>>,
    ) -> Result<Reply<Vec<Populated<Bot>>>> {
        let scope = &member.scope;
        scope.read(|state| rules::list(state, scope.project, &bot_id)).map(Reply::new)
    }

    /// Publish a bot
    ///
    /// Freezes a copy of the bot, which answers in its place until the next one is published.
    #[oai(path = "/bots/:bot_id/publish", method = "put", operation_id = "publish_bot")]
    async fn publish(
        &self,
        member: Member<Admin>,
        /// Identifier of the bot.
        bot_id: Path<Given<Bot>>,
        body: Body<Release>,
    ) -> Result<Reply<ForkResult>> {
        let published = member.scope.write(|tx| rules::publish(tx, &member.actor, &bot_id, body.0));
        published.map(|result| Reply::of(&result))
    }
}
