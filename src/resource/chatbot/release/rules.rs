//! What must hold of published copies.

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::Release;
use crate::{
    resource::{
        activity::{model::Verb, rules as activity},
        chatbot::{
            model::Bot,
            rules::{Log, missing, save},
            transfer::{
                model::ForkResult,
                rules::{Globals, copy, document},
            },
        },
        project::model::Project,
        user::model::User,
    },
    store::{join, render},
    world::{Actor, Error, Given, Id, Result, State, Tx, error::Words},
};

/// Copies that the list shows.
const COPIES: usize = 100;

/// The published copies of a bot, the newest first, each with its publisher inside.
pub(super) fn list(state: &State, project: Id<Project>, id: &Given<Bot>) -> Result<Bytes> {
    let root = state.find(Some(project), id).ok_or_else(|| Error::not_found(Words::Msg(missing(project, id))))?;
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
    Ok(join::array(shown))
}

/// Freezes a copy of the bot, or of an earlier copy, whose intents answer from now on.
pub(super) fn publish(tx: &mut Tx, by: &Actor, id: &Given<Bot>, release: Release) -> Result<ForkResult> {
    let unable = || Error::not_found(Words::Message("Unable publish chatbot".into()));
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
            // The slug is free again: only the bot itself has one.
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
    // A bot that answers elsewhere goes on doing so.
    let url = if bot.has_intents() { Some(Bot::engine_url(copy)) } else { bot.url.clone() };
    let bot = save(tx, Bot { url, modified: Some(false), ..bot })?;
    activity::of_bot(tx, by, Verb::FaqKbPublish, &bot)?;
    Ok(ForkResult { message: "Chatbot published successfully".into(), bot_id: copy })
}
