//! How the history is written and read.

use bytes::Bytes;

use super::model::SubscriptionLog;
use crate::{
    resource::project::model::Project,
    store::{Direction, Order, Query, join},
    world::{Collection, Id, Result, State, Tx},
};

/// Entries of a page.
const PER_PAGE: usize = 40;

/// Entries that a project keeps.
//
// Departs: the history of a project keeps its last 1,000 entries; the reference server keeps all, or none.
const KEPT: usize = 1_000;

pub(super) fn list(state: &State, project: Id<Project>, page: u32) -> Bytes {
    let rows = state.tables.subscription_logs.list(&Query {
        all: vec![vec![SubscriptionLog::of_project(project)]],
        also: Vec::new(),
        only: None,
        range: 0..i64::MAX,
        order: Order::Default(Direction::Descending),
        skip: PER_PAGE * page as usize,
        limit: PER_PAGE,
    });
    join::array(rows.docs.iter().map(|entry| entry.json()))
}

/// Adds an entry, and forgets the oldest when there are too many.
pub(crate) fn add(tx: &mut Tx, entry: SubscriptionLog) -> Result<()> {
    let all = SubscriptionLog::of_project(entry.id_project);
    tx.put(entry)?;
    let table = SubscriptionLog::table(&tx.state().tables);
    let oldest = table.with(all).next().filter(|_| table.count(all) > KEPT).map(|entry| entry.value().id);
    oldest.map_or(Ok(()), |oldest| tx.remove_by_id(oldest).map(drop))
}
