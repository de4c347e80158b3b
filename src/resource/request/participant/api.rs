//! Participants: who serves a request.

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
    /// The request is served from then on, by the new participant, too. An agent who joins takes over from the bots, which
    /// leave; a bot who joins leaves the others there. Adding a participant twice changes nothing.
    #[oai(path = "/requests/:request_id/participants", method = "post", operation_id = "add_request_participant")]
    async fn add(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<NewParticipant>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::add(tx, &member.actor, &request_id, &body.0.member))
    }

    /// Set the participants
    ///
    /// Replaces all participants by those of the body; an empty list leaves the request unserved. Requests of the channels
    /// `email` and `form` keep their agent: they take one participant while they have no agent, and 403 otherwise.
    #[oai(path = "/requests/:request_id/participants", method = "put", operation_id = "set_request_participants")]
    async fn set(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<Vec<Participant>>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::set(tx, &member.actor, &request_id, body.0))
    }

    /// Replace the bot of a request
    ///
    /// The bot serves the request from then on, and nobody else does.
    #[oai(path = "/requests/:request_id/replace", method = "put", operation_id = "replace_request_bot")]
    async fn replace_bot(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<BotReplacement>,
    ) -> Result<Reply<Populated<Request>>> {
        member.scope.write(|tx| rules::replace_bot(tx, &member.actor, &request_id, &body.0)).map(Reply::new)
    }

    /// Remove a participant
    ///
    /// Without participants the request is unserved; a closed one stays closed.
    #[oai(
        path = "/requests/:request_id/participants/:participant_id",
        method = "delete",
        operation_id = "remove_request_participant"
    )]
    async fn remove(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        /// Identifier of the participant, as in `participants`.
        participant_id: Path<Text>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::remove(tx, &request_id, &participant_id))
    }
}
