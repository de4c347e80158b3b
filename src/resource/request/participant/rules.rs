//! Rules for participants.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{document::Participant, schema::BotReplacement};
use crate::{
    identity::Actor,
    render,
    resource::{
        activity::rules::{self as activity, Assignment},
        chatbot::document::Bot,
        message,
        project::document::Project,
        request::{
            document::Request,
            rules::{each_known, load, load_or, save, show, unchanged},
        },
        team::{self, document::Teammate},
        user::document::User,
    },
    state::{State, Tx},
    store::Doc,
    value::{
        Error, Id, Result, Text,
        error::{ErrorBody, ErrorKind},
    },
};

/// Checks that participants exist and removes duplicates.
//
// Departs: Only agents and bots of the project can serve its conversations; the reference server accepts any text.
pub(crate) fn known(
    state: &State,
    project: Id<Project>,
    field: &str,
    participants: Vec<Participant>,
) -> Result<Vec<Participant>> {
    let exists = |participant| team::rules::can_serve(state, project, participant);
    each_known(field, participants, exists, |field, participant| unknown(field, json!(participant)))
}

/// The rule by which the participants of a ticket cannot be set.
const TICKETS: &str = "A request on the channels email and form takes participants only while it has no agent, and \
                       then only one.";

fn unknown(field: &str, value: Value) -> Error {
    Error::invalid(field, value, "expected the identifier of an agent of the project, or `bot_` and that of a bot")
}

pub(crate) fn add(tx: &mut Tx, by: &Actor, request_id: &str, member: &Text) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    let participant = Participant::parse(member);
    let participant = participant.filter(|who| team::rules::can_serve(tx.state(), tx.project(), *who));
    let participant = participant.ok_or_else(|| unknown("member", json!(member)))?;
    if request.participants.contains(&participant) {
        return unchanged(tx, &request);
    }
    let before = request.participants.clone();
    request.participants.push(participant);
    request.status = Request::SERVED;
    request.assigned_at = Some(tx.now());
    let mut request = save(tx, request)?;
    if participant.agent().is_some() && request.kept().participants.iter().any(|other| other.bot().is_some()) {
        // An agent who joins takes over from the bots.
        let mut alone = request.value().into_owned();
        alone.participants.retain(|other| other.bot().is_none());
        request = save(tx, alone)?;
    }
    let assignment = if participant.agent() == by.user() { Assignment::Own } else { Assignment::Manual };
    activity::assigned(tx, by, &request.value(), assignment, &before)?;
    welcome(tx, &request.value(), participant.agent().as_slice())?;
    Ok(request)
}

pub(super) fn set(tx: &mut Tx, by: &Actor, request_id: &str, all: Vec<Participant>) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    let participants = known(tx.state(), tx.project(), "", all)?;
    if participants == request.participants {
        return unchanged(tx, &request);
    }
    if matches!(&*request.channel.name, "form" | "email") {
        // Tickets keep their agent.
        match request.participants_agents.len() {
            0 if participants.len() == 1 => {}
            0 | 1 => {
                return Err(Error::forbidden(ErrorBody::error("Error setting participants".into())).because(TICKETS));
            }
            _ => {}
        }
    }
    let before = std::mem::replace(&mut request.participants, participants);
    request.status = if request.participants.is_empty() { Request::UNSERVED } else { Request::SERVED };
    // Departs: Every assignment updates `assigned_at`; the reference server does not when the participants are set.
    if request.status == Request::SERVED {
        request.assigned_at = Some(tx.now());
    }
    let request = save(tx, request)?;
    activity::assigned(tx, by, &request.value(), Assignment::Manual, &before)?;
    let joined = joined(&request.value(), &before);
    welcome(tx, &request.value(), &joined)?;
    Ok(request)
}

/// Makes a bot the only participant of a request.
pub(super) fn replace_bot(tx: &mut Tx, by: &Actor, request_id: &str, new: &BotReplacement) -> Result<Bytes> {
    let request = load(tx, request_id)?;
    let (project, bots) = (tx.project(), &tx.state().tables.bots);
    let (key, name, bot) = match new {
        BotReplacement { id: Some(id), .. } => ("id", id, Id::<Bot>::parse(id)),
        BotReplacement { name: Some(name), .. } => {
            ("name", name, bots.find(Bot::by_name(project, name)).map(|bot| bot.value().id))
        }
        BotReplacement { slug: Some(slug), .. } => {
            ("slug", slug, bots.find(Bot::by_slug(project, slug)).map(|bot| bot.value().id))
        }
        _ => {
            let text = "Expected the id, the name or the slug of a chatbot";
            return Err(Error::new(ErrorKind::Malformed, ErrorBody::error(text.into())));
        }
    };
    let bot = bot.map(Participant::Bot).filter(|bot| team::rules::can_serve(tx.state(), project, *bot));
    let unknown = || Error::not_found(ErrorBody::error(format!("Chatbot with {key} '{name}' not found").into()));
    let bot = bot.ok_or_else(unknown)?;
    let replaced = request.participants_bots.first().and_then(|bot| bots.get(*bot));
    let replaced = replaced.map(|bot| bot.value().root_id.unwrap_or(bot.value().id));
    let request = set(tx, by, request_id, vec![bot])?;
    let mut whole = render::json::Object::new(&show(tx.state(), &request), 60);
    if let Some(replaced) = replaced {
        whole.text("replaced_bot_root_id", replaced);
    }
    Ok(whole.end())
}

/// The agents who were not participants before.
fn joined(request: &Request, before: &[Participant]) -> Vec<Id<User>> {
    let new = request.participants.iter().filter(|participant| !before.contains(participant));
    new.filter_map(Participant::agent).collect()
}

/// Notifies newly assigned agents of the subject of a request, unless a bot serves it.
pub(crate) fn welcome(tx: &mut Tx, request: &Request, agents: &[Id<User>]) -> Result<()> {
    if agents.is_empty() || request.has_bot { Ok(()) } else { message::system::touching_operator(tx, request, agents) }
}

pub(crate) fn remove(tx: &mut Tx, request_id: &str, who: &Text) -> Result<Arc<Doc<Request>>> {
    let text = format!("Unable to remove the participant {who} from the request {request_id}");
    let mut request = load_or(tx, request_id, ErrorBody::error(text.into()))?;
    let participant = Participant::parse(who).filter(|participant| request.participants.contains(participant));
    let Some(participant) = participant else { return unchanged(tx, &request) };
    request.participants.retain(|other| *other != participant);
    if request.status != Request::CLOSED {
        request.status = if request.participants.is_empty() { Request::UNSERVED } else { Request::SERVED };
    }
    if let Some(user) = participant.agent() {
        note_leaving(tx, &mut request, user);
    }
    let request = save(tx, request)?;
    if participant.agent().is_some() {
        activity::left(tx, &request.value(), participant)?;
    }
    Ok(request)
}

/// Records when an agent left, so that the request is not assigned to the same agent again.
fn note_leaving(tx: &Tx, request: &mut Request, user: Id<User>) {
    let Some(member) = tx.find::<Teammate>(Teammate::of_user(tx.project(), user)) else { return };
    let attributes = &mut request.attributes.get_or_insert_default().0;
    let left = attributes.entry("abandoned_by_project_users").or_insert_with(|| json!({}));
    // The attribute is free-form, so a client may have stored something else in it.
    if let Some(left) = left.as_object_mut() {
        left.insert(member.id.to_string(), json!(tx.now().milliseconds()));
    }
}
