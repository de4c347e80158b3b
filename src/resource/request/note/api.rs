//! Operations on the notes of a request.

use poem_openapi::OpenApi;

use super::{rules, schema::NewNote};
use crate::{
    http::{Agent, Body, Member, Path, Reply},
    json_schema::Populated,
    resource::request::{Section, document::Request, respond::change},
    value::{Result, Text},
};

pub(crate) struct Notes;

#[OpenApi(tag = "Section::Requests")]
impl Notes {
    /// Add a note
    ///
    /// Adds an internal note for the team and emits `request.update`. Agents must participate in the conversation
    /// (otherwise 403); administrators and owners need not. The text must not be blank (400).
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/notes", method = "post", operation_id = "add_request_note")]
    async fn add(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<NewNote>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::add(tx, &member.actor, &request_id, &body.0))
    }

    /// Delete a note
    ///
    /// Emits `request.update`. Deleting a note that does not exist changes nothing. Agents must participate in the
    /// conversation (otherwise 403); administrators and owners need not.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/notes/:note_id", method = "delete", operation_id = "delete_request_note")]
    async fn delete(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        /// Identifier of the note (`_id`).
        note_id: Path<Text>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::delete(tx, &member.actor, &request_id, &note_id))
    }
}
