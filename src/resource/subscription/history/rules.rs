//! Rules for writing and reading the delivery history.

use bytes::Bytes;

use super::document::SubscriptionLog;
use crate::{
    identity::Actor,
    render,
    state::{Collection, Hole, State, Tx},
    store::{Direction, Order, Query, render},
    value::{JsonObject, Result, Role, Text},
};

/// Page size.
const PER_PAGE: usize = 40;

/// Number of entries that a project keeps.
//
// Departs: The delivery history of a project keeps its latest 1,000 entries; the reference server keeps all, or none.
const KEPT: usize = 1_000;

/// A page of the history, newest first. Only owners see the responses of targets.
pub(super) fn list(state: &State, by: &Actor, page: u32) -> Bytes {
    let rows = state.tables.subscription_logs.list(&Query {
        all: vec![vec![SubscriptionLog::of_project(by.project())]],
        also: Vec::new(),
        only: None,
        range: 0..i64::MAX,
        order: Order::Default(Direction::Descending),
        skip: PER_PAGE * page as usize,
        limit: PER_PAGE,
    });
    if by.role() == Role::Owner || state.allows(Hole::TargetResponses) {
        return render::json::array(rows.docs.iter().map(|entry| entry.json()));
    }
    render::json::array(rows.docs.iter().map(|entry| render(&without_response(entry.value().into_owned()))))
}

/// The entry without the response of the target, except for its status.
fn without_response(entry: SubscriptionLog) -> SubscriptionLog {
    let response = entry.response.map(|response| {
        let mut response: JsonObject = serde_json::from_str(&response).unwrap_or_default();
        response.0.retain(|name, _| matches!(name.as_str(), "statusCode" | "request"));
        render(&response)
    });
    let response = response.and_then(|response| String::from_utf8(response).ok()).map(Text::from);
    SubscriptionLog { response, body: None, ..entry }
}

/// Adds an entry and removes the oldest one if there are too many.
pub(crate) fn add(tx: &mut Tx, entry: SubscriptionLog) -> Result<()> {
    let all = SubscriptionLog::of_project(entry.id_project);
    tx.put(entry)?;
    let table = SubscriptionLog::table(&tx.state().tables);
    let oldest = table.with(all).next().filter(|_| table.count(all) > KEPT).map(|entry| entry.value().id);
    oldest.map_or(Ok(()), |oldest| tx.remove_by_id(oldest).map(drop))
}
