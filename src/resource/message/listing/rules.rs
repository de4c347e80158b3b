//! How messages are listed.

use std::sync::Arc;

use bytes::Bytes;

use super::model::MessageListFilter;
use crate::{
    http::skip,
    resource::{
        csv,
        message::{model::Message, rules},
        project::model::Project,
        request::{self, model::Request},
    },
    store::{Doc, join},
    world::{Actor, Id, Result, State, Text},
};

/// Messages of a page, unless the call asks for another number.
const PER_PAGE: u32 = 10;

/// Most messages of a page.
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

/// A page of the messages of the project, the newest first.
pub(super) fn list(state: &State, project: Id<Project>, filter: &MessageListFilter) -> Bytes {
    let per_page = filter.limit.filter(|limit| *limit <= MOST).unwrap_or(PER_PAGE);
    let limit = if per_page == 0 { usize::MAX } else { per_page as usize };
    let skip = skip(filter.page, per_page);
    let messages = state.tables.messages.last_with(Message::of_project(project)).skip(skip).take(limit);
    if filter.populate_request.is_none() {
        return join::array(messages.map(|message| message.json()));
    }
    join::array(messages.map(|message| match request::rules::find(state, project, &message.value().recipient) {
        None => message.to_json(),
        Some(request) => rules::show_in(state, message, request),
    }))
}

/// All messages of the project, the oldest first.
pub(super) fn csv(state: &State, project: Id<Project>) -> Result<Vec<u8>> {
    let messages = state.tables.messages.with(Message::of_project(project));
    let mut table = csv::commas(&CSV_COLUMNS.map(|column| (column, column)), messages.map(|message| message.json()))?;
    // Line feeds stand between rows only.
    table.pop();
    Ok(table)
}

/// The messages of a conversation, the oldest first.
//
// Departs: the CSV of a conversation has the fields of its messages; the reference server writes the internals of its database
// library.
pub(super) fn csv_of_request(state: &State, by: &Actor, request_id: &str) -> Result<Vec<u8>> {
    request::authority::may_reach(state, by, request_id)?;
    let messages = state.tables.messages.with(Message::of_request(by.project(), request_id));
    Ok(csv::semicolons(&CSV_COLUMNS, messages.map(|message| message.json())))
}

/// Whose words a public transcript holds.
#[derive(Clone, Copy)]
pub(super) enum Speakers {
    All,
    /// Everybody but the system.
    Users,
}

/// The messages of a conversation of any project. Of one that does not exist there are none.
pub(super) fn transcript(state: &State, request_id: &str, speakers: Speakers) -> Bytes {
    join::array(spoken(state, request_id, speakers).map(|message| message.json()))
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

/// The same as lines of text.
//
// Departs: a transcript is text/plain, so that no browser takes what visitors wrote for markup; the reference server labels it as
// HTML.
pub(super) fn text(state: &State, request_id: &str) -> String {
    let line = |message: &Arc<Doc<Message>>| {
        let message = message.value();
        // A message without a text has this one, as in the API.
        let text = message.text.as_deref().unwrap_or("undefined");
        format!("[ {}] {}: {text}\n", message.created_at, message.sender_fullname)
    };
    spoken(state, request_id, Speakers::All)
        .map(line)
        .fold("Chat transcript:\n".to_owned(), |whole, line| whole + &line)
}

/// What people said, as a table.
pub(super) fn public_csv(state: &State, request_id: &str) -> Vec<u8> {
    let row = |message: &Arc<Doc<Message>>| {
        let message = message.value();
        let text = message.text.as_ref().map(Text::to_string).unwrap_or_default();
        vec![Some(message.created_at.to_string()), Some(message.sender_fullname.to_string()), Some(text)]
    };
    let rows = spoken(state, request_id, Speakers::Users).map(row);
    csv::semicolons_of_rows(&["createdAt", "senderFullname", "text"], rows)
}
