//! Published copies of bots.

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};

use crate::{
    http::{Admin, AdminOrProgram, Body, Member, Path, Reply},
    identity::Actor,
    json_schema::Populated,
    render,
    resource::{
        activity::{document::Verb, rules as activity},
        chatbot::{
            Section,
            document::Bot,
            import_export::{ForkResult, Globals, copy, document},
            rules::{Log, missing, save},
        },
        project::document::Project,
        user::document::User,
    },
    state::{State, Tx},
    store::render,
    value::{Error, Id, RawId, Result, Text, error::ErrorBody},
};

/// Options for publishing a bot.
#[derive(Object)]
pub(crate) struct Release {
    /// Release note (default `No comment`).
    pub(crate) release_note: Option<Text>,
    /// Identifier of an earlier published copy to publish again.
    pub(crate) restore_from: Option<Text>,
}

pub(crate) struct BotReleases;

#[OpenApi(tag = "Section::Chatbots")]
impl BotReleases {
    /// List published copies of a bot
    ///
    /// Lists the latest 100 copies, each with the user who published it. The project's bots and subscriptions can also
    /// call this operation.
    ///
    /// Returns the published copies, newest first.
    #[oai(path = "/bots/:bot_id/published", method = "get", operation_id = "list_published_bots")]
    async fn list(
        &self,
        member: Member<AdminOrProgram>,
        bot_id: Path<RawId<Bot>>,
    ) -> Result<Reply<Vec<Populated<Bot>>>> {
        let scope = &member.scope;
        scope.read(|state| list(state, scope.project, &bot_id)).map(Reply::new)
    }

    /// Publish a bot
    ///
    /// Publishes a copy of the bot, or republishes an earlier copy. Its intents respond until the next publication.
    /// The publication is recorded in the activity log.
    ///
    /// Returns the identifier of the published copy.
    #[oai(path = "/bots/:bot_id/publish", method = "put", operation_id = "publish_bot")]
    async fn publish(
        &self,
        member: Member<Admin>,
        bot_id: Path<RawId<Bot>>,
        body: Body<Release>,
    ) -> Result<Reply<ForkResult>> {
        let published = member.scope.write(|tx| publish(tx, &member.actor, &bot_id, body.0));
        published.map(|result| Reply::of(&result))
    }
}

/// Maximum number of listed copies.
const COPIES: usize = 100;

/// The published copies of a bot, newest first, each with its publisher embedded.
fn list(state: &State, project: Id<Project>, id: &RawId<Bot>) -> Result<Bytes> {
    let root = state.find(Some(project), id).ok_or_else(|| Error::not_found(ErrorBody::msg(missing(project, id))))?;
    let copies = state.tables.bots.last_with(Bot::copies_of(root.value().id)).take(COPIES);
    let shown = copies.map(|copy| {
        let publisher = copy.value().published_by.as_deref().and_then(Id::<User>::parse);
        let Some(user) = publisher.and_then(|user| state.tables.users.get(user)) else { return copy.to_json() };
        let user = user.value();
        let publisher = json!({
            "_id": user.id,
            "firstname": user.firstname,
            "lastname": user.lastname,
            "email": user.email,
        });
        let mut whole: Value = serde_json::from_slice(copy.json()).expect("documents are rendered JSON");
        whole["publishedBy"] = publisher;
        render(&whole).into()
    });
    Ok(render::json::array(shown))
}

/// Freezes a copy of the bot, or of an earlier copy, whose intents respond from now on.
fn publish(tx: &mut Tx, by: &Actor, id: &RawId<Bot>, release: Release) -> Result<ForkResult> {
    let unable = || Error::not_found(ErrorBody::message("Unable publish chatbot".into())); // sic
    let bot = tx.get(id).map_err(|_| unable())?;
    let source = match &release.restore_from {
        None => bot.clone(),
        Some(copy) => {
            let copy = Id::parse(copy).and_then(|copy| tx.by_id::<Bot>(copy).ok());
            copy.filter(|copy| copy.root_id == Some(bot.id)).ok_or_else(unable)?
        }
    };
    let (now, publisher) = (tx.now(), by.id());
    let document = document(tx.state(), &source, Globals::LeftOut);
    let copy = copy(tx, by, document, Log::Nothing)?.value().into_owned();
    let copy = save(
        tx,
        Bot {
            // Only the bot itself has a slug.
            slug: None,
            trashed: true,
            root_id: Some(bot.id),
            release_note: Some(release.release_note.unwrap_or_else(|| "No comment".into())),
            published_by: Some(publisher),
            published_at: Some(now),
            ..copy
        },
    )?;
    let copy = copy.value().id;
    // A bot without intents keeps its URL.
    let url = if bot.has_intents() { Some(Bot::engine_url(copy)) } else { bot.url.clone() };
    let bot = save(tx, Bot { url, modified: Some(false), ..bot })?;
    activity::of_bot(tx, by, Verb::FaqKbPublish, &bot)?;
    Ok(ForkResult { message: "Chatbot published successfully".into(), bot_id: copy })
}
