//! Which events are counted: those that are still there.

use bytes::Bytes;

use super::model::{DayName, EventDays};
use crate::{
    resource::{
        analytics::{
            calendar::Day,
            rules::{counted, documents, now},
        },
        crud::Selection,
        event::{model::CustomEvent, rules::alive},
    },
    store::Direction,
    world::Scope,
};

/// What happens too often to be of interest.
const TYPING: &str = "typing.start";

pub(super) fn by_day_and_name(scope: &Scope, days: &EventDays) -> Bytes {
    let term = match &days.name {
        Some(name) => CustomEvent::of_name(scope.project, name),
        None => CustomEvent::of_project(scope.project),
    };
    let start = days.period.range(scope).start.max(alive(now(scope)).start);
    let events =
        documents::<CustomEvent>(scope, Selection { range: start..i64::MAX, ..Selection::of(vec![vec![term]]) });
    let keys = events.iter().map(|event| event.value());
    let keys = keys.map(|event| DayName { day: Day::of(event.created_at), name: event.name.clone() });
    counted(keys.filter(|key| days.name.is_some() || &*key.name != TYPING), Direction::Ascending)
}
