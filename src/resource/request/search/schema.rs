//! Query parameters and response of request lists.

use poem_openapi::Object;

use super::condition::Conditions;
use crate::{
    http::{Commas, Pagination},
    json_schema::{OneOf, Populated},
    resource::{period::Period, request::document::Request},
    value::Text,
};

/// Filters for listing requests. All of them must match.
#[derive(Object)]
pub(crate) struct RequestFilter {
    /// Comma-separated statuses, or `all`: 50 temporary, 100 unserved, 150 abandoned, 200 served, 1000 closed (default:
    /// every status below 1000).
    pub(crate) status: Option<Commas>,
    /// Only requests that match a full-text search over `subject`, `first_text`, messages, name and email address of
    /// the visitor, `rating_message`, tags, notes, and `transcript`: any of the words, every `"phrase"`, and none of
    /// the `-excluded` words or phrases. Case and accents are ignored. The most relevant requests come first.
    pub(crate) full_text: Option<Text>,
    #[oai(flatten)]
    pub(crate) period: Period,
    /// Only the request with this ticket number.
    pub(crate) ticket_id: Option<Text>,
    /// Only requests of this department.
    pub(crate) dept_id: Option<Text>,
    /// Only requests of the lead with this `_id`.
    pub(crate) lead: Option<Text>,
    /// `true` lists requests served by a bot, `false` all others, including unserved ones.
    #[oai(rename = "hasBot")]
    pub(crate) has_bot: Option<bool>,
    /// Alias of `hasBot`, which takes precedence.
    pub(crate) hasbot: Option<bool>,
    /// Only requests with a tag of this name.
    pub(crate) tags: Option<Text>,
    /// Only requests of this channel: `chat21`, `email`, `form`, `whatsapp`, `telegram`, `messenger`, or another;
    /// `offline` stands for `email` and `form`, `online` for all others.
    pub(crate) channel: Option<Text>,
    /// Only requests whose lead had this email address when they were created.
    pub(crate) snap_lead_email: Option<Text>,
    /// Alias of `snap_lead_email`, which takes precedence.
    pub(crate) requester_email: Option<Text>,
    /// Only requests whose lead had this `lead_id` when they were created.
    pub(crate) snap_lead_lead_id: Option<Text>,
    /// Only requests served by one of these participants: user identifiers, and bot identifiers prefixed with `bot_`.
    pub(crate) participant: Option<Vec<Text>>,
    /// `true` also lists requests whose visitor has not written yet.
    pub(crate) preflight: Option<bool>,
    #[oai(flatten)]
    pub(crate) conditions: Conditions,
    /// `true` returns department, lead, and requester as identifiers, and omits `participatingAgents` and
    /// `participatingBots`.
    pub(crate) no_populate: Option<bool>,
    /// `true` skips counting: `count` is 0.
    pub(crate) no_count: Option<bool>,
    /// `true` sorts the results of `full_text` like other lists, and omits their `score`.
    pub(crate) no_textscore: Option<bool>,
    #[oai(flatten)]
    pub(crate) paging: Pagination,
}

/// A page of requests.
#[derive(Object)]
pub(crate) struct RequestPage {
    /// Page size.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Total number of requests.
    count: u64,
    /// The requests on this page.
    requests: Vec<OneOf<Populated<Request>, Request>>,
}
