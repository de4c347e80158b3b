//! Lists of messages besides those of one conversation.

use poem_openapi::OpenApi;

use super::{
    model::MessageListFilter,
    rules::{self, Speakers},
};
use crate::{
    http::{Anyone, Csv, Filter, Guest, Member, Owner, Path, PlainText, Populated, Reply},
    resource::message::{Section, model::Message},
    world::{Result, Text},
};

pub(crate) struct MessageLists;

#[OpenApi(tag = "Section::Messages")]
impl MessageLists {
    /// List the messages of the project
    ///
    /// The newest first, direct ones included.
    #[oai(path = "/messages", method = "get", operation_id = "list_project_messages")]
    async fn list(
        &self,
        member: Member<Owner>,
        filter: Filter<MessageListFilter>,
    ) -> Result<Reply<Vec<Populated<Message>>>> {
        let scope = &member.scope;
        Ok(Reply::new(scope.read(|state| rules::list(state, scope.project, &filter.0))))
    }

    /// Export the messages of the project as CSV
    ///
    /// All of them, the oldest first; channel, attributes and metadata are left out.
    #[oai(path = "/messages/csv", method = "get", operation_id = "export_project_messages_csv")]
    async fn export_csv(&self, member: Member<Owner>) -> Result<Csv> {
        let scope = &member.scope;
        scope.read(|state| rules::csv(state, scope.project)).map(Csv::Unlabeled)
    }

    /// Export the messages of a request as CSV
    ///
    /// All of them, the oldest first; channel, attributes and metadata are left out. Visitors export only the conversations that
    /// they opened (otherwise 403).
    #[oai(path = "/requests/:request_id/messages/csv", method = "get", operation_id = "export_request_messages_csv")]
    async fn export_request_csv(
        &self,
        member: Member<Guest>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Csv> {
        let table = member.scope.read(|state| rules::csv_of_request(state, &member.actor, &request_id));
        table.map(Csv::Utf8)
    }
}

pub(crate) struct PublicMessages;

#[OpenApi(tag = "Section::Messages")]
impl PublicMessages {
    /// Read a conversation
    ///
    /// All its messages, the oldest first. No credentials are needed, only the identifier.
    #[oai(path = "/public/requests/:request_id/messages", method = "get", operation_id = "list_public_messages")]
    async fn list(
        &self,
        anyone: Anyone,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Reply<Vec<Message>>> {
        Ok(Reply::new(rules::transcript(&anyone.0.state(), &request_id, Speakers::All)))
    }

    /// Read what people said in a conversation
    ///
    /// The same without the messages of the system.
    #[oai(
        path = "/public/requests/:request_id/messages-user",
        method = "get",
        operation_id = "list_public_messages_of_users"
    )]
    async fn list_of_users(
        &self,
        anyone: Anyone,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Reply<Vec<Message>>> {
        Ok(Reply::new(rules::transcript(&anyone.0.state(), &request_id, Speakers::Users)))
    }

    /// Read a conversation as text
    ///
    /// All its messages, the oldest first, one line each: time, name of the sender, and text. No credentials are needed.
    #[oai(path = "/public/requests/:request_id/messages.txt", method = "get", operation_id = "read_public_messages")]
    async fn read(
        &self,
        anyone: Anyone,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<PlainText> {
        Ok(PlainText(rules::text(&anyone.0.state(), &request_id)))
    }

    /// Export what people said in a conversation as CSV
    ///
    /// Time, name of the sender, and text of each message, without those of the system. No credentials are needed.
    #[oai(
        path = "/public/requests/:request_id/messages.csv",
        method = "get",
        operation_id = "export_public_messages_csv"
    )]
    async fn export_csv(
        &self,
        anyone: Anyone,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Csv> {
        Ok(Csv::Utf8(rules::public_csv(&anyone.0.state(), &request_id)))
    }
}
