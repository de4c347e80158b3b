//! The request as the first version shows it, made from what is stored.

use bytes::Bytes;

use super::model::RequestV1;
use crate::{
    resource::{
        message::model::Message,
        project::model::Project,
        request::{
            model::Request,
            rules::find,
            search::{
                self,
                model::RequestFilter,
                rules::{Seen, Unless},
            },
        },
        team::{self, model::Teammate},
    },
    store::{Doc, join, render},
    world::{Actor, Error, Id, Result, Scope, State},
};

/// The page knows no statuses: "list all the requests for the project".
pub(super) fn list(scope: &Scope, by: &Actor, filter: &RequestFilter) -> Result<Bytes> {
    scope.read(|state| {
        let (per_page, rows) = search::rules::select(state, scope.project, Seen::ByRole(by), filter, Unless::Any)?;
        Ok(join::page(per_page, rows.count, "requests", rows.docs.iter().map(|doc| show(state, doc))))
    })
}

pub(super) fn get(state: &State, project: Id<Project>, request_id: &str) -> Result<Bytes> {
    find(state, project, request_id).map(|request| show(state, request)).ok_or(Error::OBJECT_NOT_FOUND)
}

fn show(state: &State, doc: &Doc<Request>) -> Bytes {
    let request = doc.value().into_owned();
    let (project, agents) = (request.id_project, request.agents);
    let messages = state.tables.messages.count(Message::of_request(project, &request.request_id));
    let own = RequestV1 {
        id: request.id,
        updated_at: request.updated_at,
        created_at: request.created_at,
        request_id: request.request_id,
        requester_id: request.requester_id,
        first_text: request.first_text,
        department: request.department,
        source_page: request.source_page,
        language: request.language,
        user_agent: request.user_agent,
        id_project: project,
        created_by: request.created_by,
        version: request.version,
        waiting_time: request.waiting_time,
        tags: request.tags,
        messages_count: u32::try_from(messages).unwrap_or(u32::MAX),
        participants: request.participants,
        status: request.status,
    };
    let agents = agents.iter().filter_map(|user| state.tables.project_users.find(Teammate::of_user(project, *user)));
    let mut whole = join::Object::new(&render(&own), 2_000);
    whole.list("agents", agents.map(|agent| team::rules::show_with_id(agent)));
    if let Some(lead) = request.lead.and_then(|lead| state.tables.leads.get(lead)) {
        whole.field("lead", lead.json());
    }
    whole.end()
}
