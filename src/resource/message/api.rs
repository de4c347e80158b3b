//! Messages: what is said in conversations.

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
    /// The first message to an identifier that no request of the project has opens the conversation: it makes the lead,
    /// if there is none, and the request, and gives that to whom the department chooses. Visitors write only as themselves and
    /// to the conversations that they opened (otherwise 403); agents may write as others.
    #[oai(path = "/requests/:request_id/messages", method = "post", operation_id = "send_message")]
    async fn send(
        &self,
        member: Member<Guest>,
        /// Your own identifier of the request: `support-group-` and a UUID.
        request_id: Path<Text>,
        body: Body<NewMessage>,
    ) -> Result<Reply<Populated<Message>>> {
        let sent = member.scope.write_with_callouts(|tx| rules::send(tx, &member.actor, &request_id, body.0.clone()));
        sent.await.map(Reply::new)
    }

    /// List the messages of a request
    ///
    /// All of them, oldest first. For a request that does not exist there are none. Visitors read only the conversations that
    /// they opened (otherwise 403).
    #[oai(path = "/requests/:request_id/messages", method = "get", operation_id = "list_request_messages")]
    async fn list(
        &self,
        member: Member<Guest>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Reply<Vec<Message>>> {
        member.scope.read(|state| rules::list(state, &member.actor, &request_id)).map(Reply::new)
    }

    /// Get a message
    ///
    /// One message of a request.
    #[oai(path = "/requests/:request_id/messages/:message_id", method = "get", operation_id = "get_request_message")]
    async fn get(
        &self,
        member: Member<Guest>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        /// Identifier of the message.
        message_id: Path<RawId<Message>>,
    ) -> Result<Reply<Message>> {
        respond::reply(member.scope.read(|state| rules::get(state, &member.actor, &request_id, &message_id)))
    }

    /// Insert several messages
    ///
    /// Imports messages into a request that exists. Nothing else changes, and senders are taken as they are given. Visitors
    /// write only as themselves and to the conversations that they opened (otherwise 403).
    #[oai(path = "/requests/:request_id/messages/multi", method = "post", operation_id = "insert_messages")]
    async fn insert(
        &self,
        member: Member<Guest>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<Vec<Content>>,
    ) -> Result<Reply<Vec<Message>>> {
        member.scope.write(|tx| rules::insert(tx, &member.actor, &request_id, body.0)).map(Reply::new)
    }

    /// Send a direct message
    ///
    /// A message to a user or a group, outside any request.
    #[oai(path = "/messages", method = "post", operation_id = "send_direct_message")]
    async fn send_direct(&self, member: Member<Agent>, body: Body<NewDirectMessage>) -> Result<Reply<Message>> {
        respond::reply(member.scope.write(|tx| rules::send_direct(tx, &member.actor, body.0)))
    }
}
