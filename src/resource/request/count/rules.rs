//! How requests are counted: from the index, without looking at any.

use std::ops::Range;

use super::model::{CountFilter, RequestCounts, Slot};
use crate::{
    resource::request::model::Request,
    store::{Direction, Order, Query, Term},
    world::{Scope, Timestamp},
};

pub(super) fn count(scope: &Scope, filter: &CountFilter) -> RequestCounts {
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
fn matches(scope: &Scope, all: Vec<Vec<Term>>, range: Range<i64>) -> usize {
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
