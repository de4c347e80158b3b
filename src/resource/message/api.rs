//! Operations on the messages of conversations.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::Message,
    rules,
    schema::{Content, NewDirectMessage, NewMessage},
};
use crate::{
    http::{Agent, Body, Guest, Member, Path, Reply, respond},
    json_schema::Populated,
    value::{RawId, Result, Text},
};

pub(crate) struct Messages;

#[OpenApi(tag = "Section::Messages")]
impl Messages {
    /// Send a message
    ///
    /// Adds a message to a conversation and emits `message.create`. The first message to a `request_id` that no request
    /// of the project has opens the conversation: it creates the request and, if necessary, the lead, assigns the
    /// request by the rules of its department, and emits `request.create`. Visitors can write only as themselves and
    /// only to conversations that they opened (otherwise 403); agents can write on behalf of others.
    ///
    /// Returns the message with its conversation.
    #[oai(path = "/requests/:request_id/messages", method = "post", operation_id = "send_message")]
    async fn send(
        &self,
        member: Member<Guest>,
        /// Identifier of the request chosen by the client (`request_id`): `support-group-` followed by a UUID.
        request_id: Path<Text>,
        body: Body<NewMessage>,
    ) -> Result<Reply<Populated<Message>>> {
        let sent = member.scope.write_with_callouts(|tx| rules::send(tx, &member.actor, &request_id, body.0.clone()));
        sent.await.map(Reply::new)
    }

    /// List the messages of a request
    ///
    /// The list is empty for a request that does not exist. Visitors can read only conversations that they opened
    /// (otherwise 403).
    ///
    /// Returns all messages of the request, oldest first.
    #[oai(path = "/requests/:request_id/messages", method = "get", operation_id = "list_request_messages")]
    async fn list(&self, member: Member<Guest>, request_id: Path<Text>) -> Result<Reply<Vec<Message>>> {
        member.scope.read(|state| rules::list(state, &member.actor, &request_id)).map(Reply::new)
    }

    /// Get a message
    ///
    /// The message must belong to the request (otherwise 404). Visitors can read only conversations that they opened
    /// (otherwise 403).
    ///
    /// Returns the message.
    #[oai(path = "/requests/:request_id/messages/:message_id", method = "get", operation_id = "get_request_message")]
    async fn get(
        &self,
        member: Member<Guest>,
        request_id: Path<Text>,
        /// Identifier of the message (`_id`).
        message_id: Path<RawId<Message>>,
    ) -> Result<Reply<Message>> {
        respond::reply(member.scope.read(|state| rules::get(state, &member.actor, &request_id, &message_id)))
    }

    /// Insert several messages
    ///
    /// Imports messages into an existing request (otherwise 404), all or none of them, and emits `message.create` for
    /// each. The request itself does not change, and senders are stored as given. Visitors can write only as themselves
    /// and only to conversations that they opened (otherwise 403).
    ///
    /// Returns the inserted messages.
    #[oai(path = "/requests/:request_id/messages/multi", method = "post", operation_id = "insert_messages")]
    async fn insert(
        &self,
        member: Member<Guest>,
        request_id: Path<Text>,
        body: Body<Vec<Content>>,
    ) -> Result<Reply<Vec<Message>>> {
        member.scope.write(|tx| rules::insert(tx, &member.actor, &request_id, body.0)).map(Reply::new)
    }

    /// Send a direct message
    ///
    /// Sends a message to a user or a group outside of any request, and emits `message.create`.
    ///
    /// Returns the sent message.
    #[oai(path = "/messages", method = "post", operation_id = "send_direct_message")]
    async fn send_direct(&self, member: Member<Agent>, body: Body<NewDirectMessage>) -> Result<Reply<Message>> {
        respond::reply(member.scope.write(|tx| rules::send_direct(tx, &member.actor, body.0)))
    }
}
