//! Requests in the format of the first version of the API.

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::{
    Section,
    document::Request,
    participant::document::Participant,
    rules::find,
    search::{
        self,
        rules::{Seen, Unless},
        schema::RequestFilter,
    },
    tag::document::RequestTag,
};
use crate::{
    http::{Agent, Filter, Member, Path, Reply},
    identity::Actor,
    json_schema::{Embedded, Populate, Populated},
    render,
    resource::{
        department::document::Department,
        lead::document::Lead,
        message::document::Message,
        project::document::Project,
        team::{self, document::Teammate},
    },
    state::{ProjectScope, State},
    store::{Doc, render},
    value::{Error, Id, Result, Text, Timestamp},
};

/// A request in the format of the first version.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RequestV1 {
    /// Identifier assigned by Tiledesk.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Request>,
    /// Time of the last change.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Creation time.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Identifier of the request chosen by the client.
    pub(crate) request_id: Text,
    /// Identifier of the lead.
    pub(crate) requester_id: Option<Id<Lead>>,
    /// Text that opened the conversation.
    pub(crate) first_text: Text,
    /// Identifier of the department.
    pub(crate) department: Option<Id<Department>>,
    /// Page from which the request came.
    #[oai(rename = "sourcePage")]
    #[serde(rename = "sourcePage")]
    pub(crate) source_page: Option<Text>,
    /// Language code.
    pub(crate) language: Option<Text>,
    /// User agent of the visitor's browser.
    #[oai(rename = "userAgent")]
    #[serde(rename = "userAgent")]
    pub(crate) user_agent: Option<Text>,
    /// Project that the request belongs to.
    pub(crate) id_project: Id<Project>,
    /// Caller who created the request.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v")]
    pub(crate) version: u32,
    /// Milliseconds from the first message of the visitor to the first message of an agent; bots do not count.
    pub(crate) waiting_time: Option<i64>,
    /// Tags.
    pub(crate) tags: Vec<RequestTag>,
    /// Number of messages in the conversation.
    pub(crate) messages_count: u32,
    /// Participants who serve the request: user identifiers, and bot identifiers prefixed with `bot_`.
    pub(crate) participants: Vec<Participant>,
    /// Status: 50 temporary, 100 unserved, 150 abandoned, 200 served, 1000 closed.
    pub(crate) status: u16,
}

impl Populate for RequestV1 {
    const NAME: &'static str = "FirstVersionRequest";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Vec<Teammate>>("agents", "Teammates who could have served the request."),
            Embedded::new::<Lead>("lead", "Lead of the request."),
        ]
    }
}

/// Query parameters that the first version documents for reading a single request, where they have no effect.
#[derive(Object)]
pub(crate) struct IgnoredPaging {
    /// Has no effect.
    #[oai(rename = "sortField")]
    sort_field: Option<Text>,
    /// Has no effect.
    direction: Option<Text>,
    /// Has no effect.
    page: Option<Text>,
}

/// A page of requests.
#[derive(Object)]
pub(crate) struct FirstVersionRequestPage {
    /// Page size.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Total number of requests.
    count: u64,
    /// The requests on this page.
    requests: Vec<Populated<RequestV1>>,
}

pub(crate) struct FirstVersionRequests;

#[OpenApi(tag = "Section::Requests")]
impl FirstVersionRequests {
    /// List the project's requests
    ///
    /// Lists the requests of the project with any status, newest first by default. Administrators see all requests;
    /// agents see those that they serve or could have served.
    ///
    /// Returns one page of requests.
    #[oai(path = "/requests", method = "get", operation_id = "list_first_version_requests")]
    async fn list(
        &self,
        member: Member<Agent>,
        filter: Filter<RequestFilter>,
    ) -> Result<Reply<FirstVersionRequestPage>> {
        list(&member.scope, &member.actor, &filter.0).map(Reply::new)
    }

    /// Get a request
    ///
    /// The department is returned as an identifier. The query parameters have no effect.
    ///
    /// Returns the request with its lead and the teammates who could have served it.
    #[oai(path = "/requests/:request_id", method = "get", operation_id = "get_first_version_request")]
    async fn get(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        _ignored: Filter<IgnoredPaging>,
    ) -> Result<Reply<Populated<RequestV1>>> {
        let scope = &member.scope;
        scope.read(|state| get(state, scope.project, &request_id)).map(Reply::new)
    }
}

/// The documentation of the first version mentions no statuses: "list all the requests for the project".
fn list(scope: &ProjectScope, by: &Actor, filter: &RequestFilter) -> Result<Bytes> {
    scope.read(|state| {
        let (per_page, rows) = search::rules::select(state, scope.project, Seen::ByRole(by), filter, Unless::Any)?;
        Ok(render::json::page(per_page, rows.count, "requests", rows.docs.iter().map(|doc| show(state, doc))))
    })
}

fn get(state: &State, project: Id<Project>, request_id: &str) -> Result<Bytes> {
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
    let mut whole = render::json::Object::new(&render(&own), 2_000);
    whole.list("agents", agents.map(|agent| team::rules::show_with_id(agent)));
    if let Some(lead) = request.lead.and_then(|lead| state.tables.leads.get(lead)) {
        whole.field("lead", lead.json());
    }
    whole.end()
}
