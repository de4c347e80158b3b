//! How many requests are in which hands.
//!
//! Only the reference server knows this operation. Its other two forms are chosen in the query: without regard to bots, and
//! what counts against the quota of the plan, which is counted by the calendar month here.

use std::ops::Range;

use poem_openapi::{Object, OpenApi};

use super::{Section, document::Request};
use crate::{
    http::{Agent, Filter, Member, Reply},
    state::ProjectScope,
    store::{Direction, Order, Query, Term},
    value::{Result, Text, Timestamp},
};

/// How it is counted.
#[derive(Object)]
pub(crate) struct CountFilter {
    /// Any value: requests that bots serve count as assigned.
    pub(crate) merge_assigned: Option<Text>,
    /// Counts the conversations of the current month instead.
    pub(crate) conversation_quota: Option<bool>,
}

/// How many requests there are. Which of the properties are there depends on what was asked for.
#[derive(Object, Default)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RequestCounts {
    /// Open requests that nobody serves.
    pub(crate) unassigned: Option<usize>,
    /// Open requests that somebody serves.
    pub(crate) assigned: Option<usize>,
    /// Open requests that bots serve.
    pub(crate) bot_assigned: Option<usize>,
    /// Requests of the month that are open.
    pub(crate) open: Option<usize>,
    /// Requests of the month that are closed.
    pub(crate) closed: Option<usize>,
    /// The month.
    pub(crate) slot: Option<Slot>,
}

/// A span of time.
#[derive(Object)]
pub(crate) struct Slot {
    /// Its first moment.
    #[oai(rename = "startDate")]
    pub(crate) start_date: Timestamp,
    /// Its last moment.
    #[oai(rename = "endDate")]
    pub(crate) end_date: Timestamp,
}

pub(crate) struct Counts;

#[OpenApi(tag = "Section::Requests")]
impl Counts {
    /// Count requests
    ///
    /// The open requests of the project by who serves them: nobody, agents, or bots.
    #[oai(path = "/requests/count", method = "get", operation_id = "count_requests_by_state")]
    async fn count(&self, member: Member<Agent>, filter: Filter<CountFilter>) -> Result<Reply<RequestCounts>> {
        Ok(Reply::of(&count(&member.scope, &filter.0)))
    }
}

fn count(scope: &ProjectScope, filter: &CountFilter) -> RequestCounts {
    let project = scope.project;
    let of_status = |status| vec![Request::of_status(project, status)];
    let served_by_bots = |bots| vec![Request::with("hasBot", project, true, bots)];
    if filter.conversation_quota == Some(true) {
        let (start, end) = scope.sandbox.clock.now().month();
        let month = start.milliseconds()..end.milliseconds();
        let open = matches(scope, vec![vec![Request::with("", project, true, "")]], month.clone());
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

/// How many requests have a term of each clause, and were created in the range.
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
