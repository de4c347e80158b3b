//! Counts of requests by status and participants.
//!
//! Only the reference server has this operation. The query selects two variants: one that does not distinguish bots,
//! and one that counts against the quota of the plan, here by calendar month.

use std::ops::Range;

use poem_openapi::{Object, OpenApi};

use super::{Section, document::Request, index::RequestIndex};
use crate::{
    http::{Agent, Filter, Member, Reply},
    state::ProjectScope,
    store::{Direction, Order, Query, Term},
    value::{Result, Text, Timestamp},
};

/// Options for counting requests.
#[derive(Object)]
pub(crate) struct CountFilter {
    /// Counts requests served by bots as assigned. Any value enables it.
    pub(crate) merge_assigned: Option<Text>,
    /// Whether to count the conversations of the current month instead (default `false`).
    pub(crate) conversation_quota: Option<bool>,
}

/// Request counts. Which properties are present depends on the query.
#[derive(Object, Default)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RequestCounts {
    /// Number of unserved requests.
    pub(crate) unassigned: Option<usize>,
    /// Number of requests served by agents or, with `merge_assigned`, by agents and bots.
    pub(crate) assigned: Option<usize>,
    /// Number of requests served by bots.
    pub(crate) bot_assigned: Option<usize>,
    /// Number of requests of the month that are open.
    pub(crate) open: Option<usize>,
    /// Number of requests of the month that are closed.
    pub(crate) closed: Option<usize>,
    /// The current month.
    pub(crate) slot: Option<Slot>,
}

/// A time span.
#[derive(Object)]
pub(crate) struct Slot {
    /// Start of the span (inclusive).
    #[oai(rename = "startDate")]
    pub(crate) start_date: Timestamp,
    /// End of the span (inclusive).
    #[oai(rename = "endDate")]
    pub(crate) end_date: Timestamp,
}

pub(crate) struct Counts;

#[OpenApi(tag = "Section::Requests")]
impl Counts {
    /// Count requests by state
    ///
    /// Counts the open requests of the project: unserved, served by agents, and served by bots. With
    /// `conversation_quota`, counts the open and closed requests of the current month instead.
    ///
    /// Returns the request counts.
    #[oai(path = "/requests/count", method = "get", operation_id = "count_requests_by_state")]
    async fn count(&self, member: Member<Agent>, filter: Filter<CountFilter>) -> Result<Reply<RequestCounts>> {
        Ok(Reply::of(&count(&member.scope, &filter.0)))
    }
}

fn count(scope: &ProjectScope, filter: &CountFilter) -> RequestCounts {
    let project = scope.project;
    let of_status = |status| vec![Request::of_status(project, status)];
    let served_by_bots = |bots| vec![Request::with(RequestIndex::HasBot, project, true, bots)];
    if filter.conversation_quota == Some(true) {
        let (start, end) = scope.sandbox.clock.now().month();
        let month = start.milliseconds()..end.milliseconds();
        let open = matches(scope, vec![vec![Request::with(RequestIndex::All, project, true, "")]], month.clone());
        let closed = matches(scope, vec![of_status(Request::CLOSED)], month);
        let end_date = Timestamp::from_milliseconds(end.milliseconds() - 1);
        let slot = Some(Slot { start_date: start, end_date });
        return RequestCounts { open: Some(open), closed: Some(closed), slot, ..RequestCounts::default() };
    }
    let count = |all| matches(scope, all, 0..i64::MAX);
    let unassigned = Some(count(vec![of_status(Request::UNSERVED)]));
    let by_bots = count(vec![of_status(Request::SERVED), served_by_bots("true")]);
    let by_agents = count(vec![of_status(Request::SERVED), served_by_bots("false")]);
    match filter.merge_assigned {
        Some(_) => RequestCounts { unassigned, assigned: Some(by_bots + by_agents), ..RequestCounts::default() },
        None => RequestCounts {
            unassigned,
            assigned: Some(by_agents),
            bot_assigned: Some(by_bots),
            ..RequestCounts::default()
        },
    }
}

/// The number of requests that have a term of each clause and were created in the range.
fn matches(scope: &ProjectScope, all: Vec<Vec<Term>>, range: Range<i64>) -> usize {
    let query = Query {
        all,
        also: Vec::new(),
        only: None,
        range,
        order: Order::Default(Direction::Ascending),
        skip: 0,
        limit: 0,
    };
    scope.read(|state| state.tables.requests.list(&query).count)
}
