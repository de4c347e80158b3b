//! How messages are listed.

use bytes::Bytes;

use super::model::MessageListFilter;
use crate::{
    http::skip,
    resource::{
        crud,
        message::{model::Message, rules},
        project::model::Project,
        request::{self, model::Request},
    },
    store::join,
    world::{Id, Result, State},
};

/// Messages of a page, unless the call asks for another number.
const PER_PAGE: u32 = 10;

/// Most messages of a page.
const MOST: u32 = 50;

const CSV_COLUMNS: [&str; 14] = [
    "_id",
    "sender",
    "senderFullname",
    "recipient",
    "recipientFullname",
    "text",
    "type",
    "status",
    "language",
    "channel_type",
    "id_project",
    "createdBy",
    "createdAt",
    "updatedAt",
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
    crud::csv(&CSV_COLUMNS.map(|column| (column, column)), b';', messages.map(|message| message.json()))
}

/// The messages of a conversation, the oldest first.
pub(super) fn csv_of_request(state: &State, project: Id<Project>, request_id: &str) -> Result<Vec<u8>> {
    let messages = state.tables.messages.with(Message::of_request(project, request_id));
    crud::csv(&CSV_COLUMNS.map(|column| (column, column)), b';', messages.map(|message| message.json()))
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
    let request = state.tables.requests.find(Request::by_request_id(request_id));
    let messages = request
        .into_iter()
        .flat_map(|request| state.tables.messages.with(Message::of_request(request.kept().project, request_id)));
    let messages = messages.filter(|message| match speakers {
        Speakers::All => true,
        Speakers::Users => &*message.value().sender != "system",
    });
    join::array(messages.map(|message| message.json()))
}
