//! Bots as documents: exported, imported, and copied into other projects.

use poem_openapi::OpenApi;

use super::{
    model::{BotDocument, ExportOptions, ForkOptions, ForkResult, ImportOptions},
    rules,
};
use crate::{
    http::{Admin, Attachment, DocumentUpload, Filter, FormOr, Member, Path, Reply},
    resource::{
        chatbot::{Section, model::Bot},
        crud,
    },
    world::{Given, Result},
};

pub(crate) struct BotTransfers;

#[OpenApi(tag = "Section::Chatbots")]
impl BotTransfers {
    /// Export a bot
    ///
    /// The bot with its intents, or the intents alone, as a document that can be imported. Shared bots of other projects
    /// can be exported, too.
    #[oai(path = "/bots/exportjson/:bot_id", method = "get", operation_id = "export_bot_json")]
    async fn export(
        &self,
        member: Member<Admin>,
        /// Identifier of the bot.
        bot_id: Path<Given<Bot>>,
        query: Filter<ExportOptions>,
    ) -> Result<Attachment<Reply<BotDocument>>> {
        let scope = &member.scope;
        let document = scope.read(|state| rules::export(state, scope.project, &bot_id, &query.0))?;
        Ok(Attachment { name: document.file_name().into(), answer: Reply::of(&document) })
    }

    /// Import a bot
    ///
    /// Loads a document into a bot, or makes a new one of it. The document is the body, or the file `uploadFile` of a form.
    #[oai(path = "/bots/importjson/:bot_id", method = "post", operation_id = "import_bot_json")]
    async fn import(
        &self,
        member: Member<Admin>,
        /// Identifier of the bot; `null` where a new one is made.
        bot_id: Path<Given<Bot>>,
        query: Filter<ImportOptions>,
        body: FormOr<DocumentUpload, BotDocument>,
    ) -> Result<Reply<Bot>> {
        crud::reply(member.scope.write(|tx| rules::import(tx, &member.actor, &bot_id, &query.0, body.0)))
    }

    /// Copy a bot
    ///
    /// Copies a bot of the project, or a shared one, with its intents into a project of which the caller is administrator.
    #[oai(path = "/bots/fork/:bot_id", method = "post", operation_id = "fork_bot")]
    async fn fork(
        &self,
        member: Member<Admin>,
        /// Identifier of the bot.
        bot_id: Path<Given<Bot>>,
        query: Filter<ForkOptions>,
    ) -> Result<Reply<ForkResult>> {
        rules::fork(&member.scope, &member.actor, &bot_id, &query.0).map(|result| Reply::of(&result))
    }
}
