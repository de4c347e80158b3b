//! Operations on participants: the agents and bots that serve a request.

use poem_openapi::OpenApi;

use super::{
    document::Participant,
    rules,
    schema::{BotReplacement, NewParticipant},
};
use crate::{
    http::{Agent, Body, Member, Path, Reply},
    json_schema::Populated,
    resource::request::{Section, document::Request, respond::change},
    value::{Result, Text},
};

pub(crate) struct Participants;

#[OpenApi(tag = "Section::Requests")]
impl Participants {
    /// Add a participant
    ///
    /// The request becomes served. An agent who joins takes over from the bots, which leave; a bot that joins does not
    /// replace anyone. Emits `request.update`. Adding a participant again changes nothing.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/participants", method = "post", operation_id = "add_request_participant")]
    async fn add(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<NewParticipant>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::add(tx, &member.actor, &request_id, &body.0.member))
    }

    /// Set the participants
    ///
    /// Replaces all participants and emits `request.update`; an empty list makes the request unserved. A request on the
    /// channel `email` or `form` keeps its agent: while it has none, it accepts a single participant (otherwise 403).
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/participants", method = "put", operation_id = "set_request_participants")]
    async fn set(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<Vec<Participant>>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::set(tx, &member.actor, &request_id, body.0))
    }

    /// Replace the bot of a request
    ///
    /// The bot becomes the only participant. Identify it by `id`, `name`, or `slug`; a bot that the project does not
    /// have returns 404. Emits `request.update`.
    ///
    /// Returns the updated request, with `replaced_bot_root_id` if it was served by a bot.
    #[oai(path = "/requests/:request_id/replace", method = "put", operation_id = "replace_request_bot")]
    async fn replace_bot(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<BotReplacement>,
    ) -> Result<Reply<Populated<Request>>> {
        member.scope.write(|tx| rules::replace_bot(tx, &member.actor, &request_id, &body.0)).map(Reply::new)
    }

    /// Remove a participant
    ///
    /// A request without participants becomes unserved; a closed request stays closed. Emits `request.update`. Removing
    /// an agent or bot that does not participate changes nothing.
    ///
    /// Returns the updated request.
    #[oai(
        path = "/requests/:request_id/participants/:participant_id",
        method = "delete",
        operation_id = "remove_request_participant"
    )]
    async fn remove(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        /// Identifier of the participant, as in `participants`.
        participant_id: Path<Text>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::remove(tx, &request_id, &participant_id))
    }
}
