//! Full-text search of requests, in their own texts and in their messages.
//!
//! The words of requests and of messages are indexed separately, so that the cost of indexing a message does not depend
//! on the length of its conversation.

use std::collections::BTreeSet;

use crate::{
    resource::{
        message::document::{Message, recipient},
        project::document::Project,
        request::{document::Request, index::RequestIndex},
    },
    state::{State, query::Selection},
    store::{Term, TextQuery},
    value::Id,
};

/// Keeps the requests that match a text query. `terms` maps a word to the terms of requests that contain it themselves.
pub(super) fn search<'a>(
    selection: &mut Selection<'a, Request>,
    state: &'a State,
    project: Id<Project>,
    text: &str,
    terms: impl Fn(&str) -> Vec<Term>,
) {
    let query = TextQuery::parse(text);
    selection.also = query.words().map(|word| only_in_messages(state, project, word)).collect();
    selection.search_where(query, terms, move |query, request| {
        let messages = state.tables.messages.with(Message::of_request(project, &request.request_id));
        let said: Vec<_> = messages.filter_map(|message| message.value().said().cloned()).collect();
        query.admits(&request.texts().chain(&said).collect::<Vec<_>>())
    });
}

/// Requests with a word in one of their messages but in none of their own texts, so that relevance counts a word once.
fn only_in_messages(state: &State, project: Id<Project>, word: &str) -> Vec<Id<Request>> {
    let requests = &state.tables.requests;
    let recipients: BTreeSet<_> =
        state.tables.messages.with(Message::with_word(project, word)).map(|message| recipient(message)).collect();
    let ids = recipients.iter().filter_map(|request_id| requests.find(Request::by_request_id(request_id)));
    let ids = ids.filter(|request| request.kept().project == project).map(|request| request.value().id);
    ids.filter(|id| {
        !Request::any_with(RequestIndex::FullText, project, word).iter().any(|term| requests.has(*id, *term))
    })
    .collect()
}
