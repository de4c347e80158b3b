//! The request as the first version of the API shows it.

use poem_openapi::Object;
use serde::Serialize;

use crate::{
    http::{Embedded, Populate, Populated},
    resource::{
        department::model::Department,
        lead::model::Lead,
        project::model::Project,
        request::model::{Participant, Request, RequestTag},
        team::model::Teammate,
    },
    world::{Id, Text, Timestamp},
};

/// A request as the first version shows it.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RequestV1 {
    /// Identifier given by Tiledesk.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Request>,
    /// When the request was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// When the request was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Your own identifier.
    pub(crate) request_id: Text,
    /// Identifier of the lead.
    pub(crate) requester_id: Option<Id<Lead>>,
    /// Text with which the conversation was opened.
    pub(crate) first_text: Text,
    /// Identifier of the department.
    pub(crate) department: Option<Id<Department>>,
    /// Page from which the request came.
    #[oai(rename = "sourcePage")]
    #[serde(rename = "sourcePage")]
    pub(crate) source_page: Option<Text>,
    /// Code of the language.
    pub(crate) language: Option<Text>,
    /// Browser of the visitor.
    #[oai(rename = "userAgent")]
    #[serde(rename = "userAgent")]
    pub(crate) user_agent: Option<Text>,
    /// Project of the request.
    pub(crate) id_project: Id<Project>,
    /// Who created the request.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v")]
    pub(crate) version: u32,
    /// Milliseconds from the creation to the first message of a participant.
    pub(crate) waiting_time: Option<i64>,
    /// Tags.
    pub(crate) tags: Vec<RequestTag>,
    /// Messages of the conversation.
    pub(crate) messages_count: u32,
    /// Identifiers of those who serve the request.
    pub(crate) participants: Vec<Participant>,
    /// 100 unserved, 200 served, 1000 closed.
    pub(crate) status: u16,
}

impl Populate for RequestV1 {
    const NAME: &'static str = "FirstVersionRequest";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Vec<Teammate>>("agents", "The teammates who could have served the request."),
            Embedded::new::<Lead>("lead", "The lead."),
        ]
    }
}

/// What the pages of the first version print for reading one request, where it means nothing.
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
    /// Most requests of a page.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Requests on all pages.
    count: u64,
    /// The requests of this page.
    requests: Vec<Populated<RequestV1>>,
}
