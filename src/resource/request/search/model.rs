//! What can be asked of a list of requests.

use poem_openapi::Object;

use crate::{
    http::{Paging, Populated},
    resource::{period::Period, request::model::Request},
    world::Text,
};

/// Which requests a list shows. All conditions have to hold.
#[derive(Object)]
pub(crate) struct RequestFilter {
    /// Statuses, separated by commas, or `all`: 50 temporary, 100 unserved, 150 abandoned, 200 served, 1000 closed.
    /// Without it everything that is not closed is listed.
    pub(crate) status: Option<Text>,
    /// Only requests with one of these words, the most relevant ones first.
    pub(crate) full_text: Option<Text>,
    #[oai(flatten)]
    pub(crate) period: Period,
    /// Only the request with this number.
    pub(crate) ticket_id: Option<Text>,
    /// Only requests of this department.
    pub(crate) dept_id: Option<Text>,
    /// Only requests of the lead with this `_id`.
    pub(crate) lead: Option<Text>,
    /// Only requests that a bot serves, or only others.
    #[oai(rename = "hasBot")]
    pub(crate) has_bot: Option<bool>,
    /// Another name of `hasBot`, which wins if both are given.
    pub(crate) hasbot: Option<bool>,
    /// Only requests with a tag of this name.
    pub(crate) tags: Option<Text>,
    /// Only requests of this channel; `offline` stands for `email` and `form`, `online` for all others.
    pub(crate) channel: Option<Text>,
    /// Only requests whose lead had this e-mail address when they were created.
    pub(crate) snap_lead_email: Option<Text>,
    /// Only requests whose lead had this `lead_id` when they were created.
    pub(crate) snap_lead_lead_id: Option<Text>,
    /// Only requests that one of these serves: identifiers of users, or `bot_` and those of bots.
    pub(crate) participant: Option<Vec<Text>>,
    #[oai(flatten)]
    pub(crate) paging: Paging,
}

/// A page of requests.
#[derive(Object)]
pub(crate) struct RequestPage {
    /// Most requests of a page.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Requests on all pages.
    count: u64,
    /// The requests of this page.
    requests: Vec<Populated<Request>>,
}
