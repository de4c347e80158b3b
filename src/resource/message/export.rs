//! Messages of a whole project, CSV exports, and public transcripts.
//!
//! Only the reference server has these operations; they are not documented. The public ones require no credentials: the
//! identifier of a conversation is enough to read it.

use std::sync::Arc;

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};

use super::{Section, document::Message, rules};
use crate::{
    http::{Csv, CurrentSandbox, Filter, Guest, Member, Owner, Path, PlainText, Reply},
    identity::Actor,
    json_schema::Populated,
    render::{self, csv},
    resource::{
        project::document::Project,
        request::{self, document::Request},
    },
    state::{State, query::skip},
    store::Doc,
    value::{Id, Result, Text},
};

/// Query parameters for listing messages.
#[derive(Object)]
pub(crate) struct MessageListFilter {
    /// Page of results, counted from 0.
    pub(crate) page: Option<u32>,
    /// Maximum page size (default 10); 0 lists everything. Values above 50 count as 10.
    pub(crate) limit: Option<u32>,
    /// Embeds the conversation in each message. Any value enables it.
    pub(crate) populate_request: Option<Text>,
}

pub(crate) struct MessageLists;

#[OpenApi(tag = "Section::Messages")]
impl MessageLists {
    /// List the messages of the project
    ///
    /// Lists all messages of the project, newest first. Direct messages are included.
    ///
    /// Returns one page of messages.
    #[oai(path = "/messages", method = "get", operation_id = "list_project_messages")]
    async fn list(
        &self,
        member: Member<Owner>,
        filter: Filter<MessageListFilter>,
    ) -> Result<Reply<Vec<Populated<Message>>>> {
        let scope = &member.scope;
        Ok(Reply::new(scope.read(|state| list(state, scope.project, &filter.0))))
    }

    /// Export the messages of the project
    ///
    /// Exports all messages of the project as CSV, oldest first. Channel, attributes, and metadata are omitted.
    ///
    /// Returns a CSV file with a header row and one row per message.
    #[oai(path = "/messages/csv", method = "get", operation_id = "export_project_messages_csv")]
    async fn export_csv(&self, member: Member<Owner>) -> Result<Csv> {
        let scope = &member.scope;
        scope.read(|state| csv(state, scope.project)).map(Csv::Unlabeled)
    }

    /// Export the messages of a request
    ///
    /// Exports all messages of the request as CSV, oldest first. Channel, attributes, and metadata are omitted.
    /// Visitors can export only conversations that they opened (otherwise 403).
    ///
    /// Returns a CSV file with a header row and one row per message.
    #[oai(path = "/requests/:request_id/messages/csv", method = "get", operation_id = "export_request_messages_csv")]
    async fn export_request_csv(&self, member: Member<Guest>, request_id: Path<Text>) -> Result<Csv> {
        let table = member.scope.read(|state| csv_of_request(state, &member.actor, &request_id));
        table.map(Csv::Utf8)
    }
}

pub(crate) struct PublicMessages;

#[OpenApi(tag = "Section::Messages")]
impl PublicMessages {
    /// Read a conversation
    ///
    /// Requires no credentials, only the `request_id`. The list is empty for a conversation that does not exist.
    ///
    /// Returns all messages of the conversation, oldest first.
    #[oai(path = "/public/requests/:request_id/messages", method = "get", operation_id = "list_public_messages")]
    async fn list(&self, anyone: CurrentSandbox, request_id: Path<Text>) -> Result<Reply<Vec<Message>>> {
        Ok(Reply::new(transcript(&anyone.0.state(), &request_id, Speakers::All)))
    }

    /// Read a conversation without system messages
    ///
    /// Requires no credentials, only the `request_id`. The list is empty for a conversation that does not exist.
    ///
    /// Returns the messages of the conversation except those of the system, oldest first.
    #[oai(
        path = "/public/requests/:request_id/messages-user",
        method = "get",
        operation_id = "list_public_messages_of_users"
    )]
    async fn list_of_users(&self, anyone: CurrentSandbox, request_id: Path<Text>) -> Result<Reply<Vec<Message>>> {
        Ok(Reply::new(transcript(&anyone.0.state(), &request_id, Speakers::Users)))
    }

    /// Read a conversation as text
    ///
    /// Formats each message as one line, with its time, sender name, and text, oldest first. Requires no credentials,
    /// only the `request_id`.
    ///
    /// Returns the transcript as plain text.
    #[oai(path = "/public/requests/:request_id/messages.txt", method = "get", operation_id = "read_public_messages")]
    async fn read(&self, anyone: CurrentSandbox, request_id: Path<Text>) -> Result<PlainText> {
        Ok(PlainText(text(&anyone.0.state(), &request_id)))
    }

    /// Export a conversation as CSV
    ///
    /// Exports the time, sender name, and text of each message, except system messages. Requires no credentials, only
    /// the `request_id`.
    ///
    /// Returns a CSV file with a header row and one row per message.
    #[oai(
        path = "/public/requests/:request_id/messages.csv",
        method = "get",
        operation_id = "export_public_messages_csv"
    )]
    async fn export_csv(&self, anyone: CurrentSandbox, request_id: Path<Text>) -> Result<Csv> {
        Ok(Csv::Utf8(public_csv(&anyone.0.state(), &request_id)))
    }
}

/// Default page size.
const PER_PAGE: u32 = 10;

/// Maximum page size.
const MOST: u32 = 50;

const CSV_COLUMNS: [&str; 14] = [
    "senderFullname",
    "type",
    "channel_type",
    "status",
    "_id",
    "sender",
    "recipient",
    "text",
    "id_project",
    "createdBy",
    "language",
    "createdAt",
    "updatedAt",
    "__v",
];

/// A page of the messages of the project, newest first.
fn list(state: &State, project: Id<Project>, filter: &MessageListFilter) -> Bytes {
    let per_page = filter.limit.filter(|limit| *limit <= MOST).unwrap_or(PER_PAGE);
    let limit = if per_page == 0 { usize::MAX } else { per_page as usize };
    let skip = skip(filter.page, per_page);
    let messages = state.tables.messages.last_with(Message::of_project(project)).skip(skip).take(limit);
    if filter.populate_request.is_none() {
        return render::json::array(messages.map(|message| message.json()));
    }
    render::json::array(messages.map(|message| {
        match request::rules::find(state, project, &message.value().recipient) {
            None => message.to_json(),
            Some(request) => rules::show_in(state, message, request),
        }
    }))
}

/// All messages of the project as CSV, oldest first.
fn csv(state: &State, project: Id<Project>) -> Result<Vec<u8>> {
    let messages = state.tables.messages.with(Message::of_project(project));
    let mut table = csv::commas(&CSV_COLUMNS.map(|column| (column, column)), messages.map(|message| message.json()))?;
    // Line feeds separate rows, so the last row has none.
    table.pop();
    Ok(table)
}

/// The messages of a conversation as CSV, oldest first.
//
// Departs: The CSV of a conversation has the fields of its messages; the reference server writes the internals of its
// database library.
fn csv_of_request(state: &State, by: &Actor, request_id: &str) -> Result<Vec<u8>> {
    request::authority::may_reach(state, by, request_id)?;
    let messages = state.tables.messages.with(Message::of_request(by.project(), request_id));
    Ok(csv::semicolons(&CSV_COLUMNS, messages.map(|message| message.json())))
}

/// Which senders a public transcript includes.
#[derive(Clone, Copy)]
enum Speakers {
    All,
    /// All senders except the system.
    Users,
}

/// The messages of a conversation in any project; empty if it does not exist.
fn transcript(state: &State, request_id: &str, speakers: Speakers) -> Bytes {
    render::json::array(spoken(state, request_id, speakers).map(|message| message.json()))
}

fn spoken<'a>(state: &'a State, request_id: &str, speakers: Speakers) -> impl Iterator<Item = &'a Arc<Doc<Message>>> {
    let request = state.tables.requests.find(Request::by_request_id(request_id));
    let messages = request.map(|request| Message::of_request(request.kept().project, request_id));
    let messages = messages.into_iter().flat_map(|term| state.tables.messages.with(term));
    messages.filter(move |message| match speakers {
        Speakers::All => true,
        Speakers::Users => &*message.value().sender != "system",
    })
}

/// The messages of a conversation as lines of text.
//
// Departs: A public transcript has the type `text/plain`; the reference server labels it as HTML.
fn text(state: &State, request_id: &str) -> String {
    let line = |message: &Arc<Doc<Message>>| {
        let message = message.value();
        // The API prints `undefined` for a message without text.
        let text = message.text.as_deref().unwrap_or("undefined");
        format!("[ {}] {}: {text}\n", message.created_at, message.sender_fullname)
    };
    spoken(state, request_id, Speakers::All)
        .map(line)
        .fold("Chat transcript:\n".to_owned(), |whole, line| whole + &line)
}

/// The messages of a conversation as CSV, except system messages.
fn public_csv(state: &State, request_id: &str) -> Vec<u8> {
    let row = |message: &Arc<Doc<Message>>| {
        let message = message.value();
        let text = message.text.as_ref().map(Text::to_string).unwrap_or_default();
        vec![Some(message.created_at.to_string()), Some(message.sender_fullname.to_string()), Some(text)]
    };
    let rows = spoken(state, request_id, Speakers::Users).map(row);
    csv::semicolons_of_rows(&["createdAt", "senderFullname", "text"], rows)
}
