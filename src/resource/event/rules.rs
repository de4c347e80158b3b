//! Rules for events.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{
    document::CustomEvent,
    schema::{CustomEventFilter, NewCustomEvent},
};
use crate::{
    identity::{Actor, Principal, authenticate},
    resource::{
        project::document::Project,
        team::{self, document::Teammate},
    },
    state::{ProjectScope, State, Tx, event::EventName, query::Selection},
    store::{Direction, Doc, Order, Query, render},
    value::{Error, Id, JsonObject, RawId, Result, Timestamp},
};

/// Page size.
pub(super) const PER_PAGE: u32 = 40;

/// Milliseconds after which events expire.
const LIFE: i64 = 3_600_000;

/// The creation times of events that have not expired.
pub(crate) fn alive(now: Timestamp) -> Range<i64> {
    now.milliseconds() - LIFE + 1..i64::MAX
}

/// When the next event expires.
pub(crate) fn next_expiry(state: &State, now: Timestamp) -> Option<Timestamp> {
    let created = state.tables.events.iter().map(|event| event.value().created_at.milliseconds());
    let alive = alive(now);
    let oldest = created.filter(|created| alive.contains(created)).min();
    oldest.map(|created| Timestamp::from_milliseconds(created + LIFE))
}

pub(super) fn selection(scope: &ProjectScope, filter: &CustomEventFilter) -> Selection<'static, CustomEvent> {
    let term = match &filter.project_user {
        Some(member) => CustomEvent::of_member(scope.project, member),
        None => CustomEvent::of_project(scope.project),
    };
    Selection { range: alive(scope.sandbox.clock.now()), ..Selection::of(vec![vec![term]]) }
}

pub(super) fn get(scope: &ProjectScope, id: &RawId<CustomEvent>) -> Result<Arc<Doc<CustomEvent>>> {
    let alive = alive(scope.sandbox.clock.now());
    let event = scope.read(|state| state.find(Some(scope.project), id).cloned());
    let event = event.filter(|event| alive.contains(&event.value().created_at.milliseconds()));
    event.ok_or(Error::OBJECT_NOT_FOUND)
}

pub(crate) fn create(tx: &mut Tx, by: &Actor, new: NewCustomEvent) -> Result<Arc<Doc<CustomEvent>>> {
    let member = match by.caller {
        Principal::User(_) | Principal::Visitor(_) => Some(by.membership.value().id),
        Principal::Service(_) => None,
    };
    let event = CustomEvent {
        project_user: member,
        attributes: new.attributes,
        user: Some(person(tx.state(), &by.caller)),
        ..CustomEvent::new(tx.new_id(), new.name, tx.project(), by.id(), tx.now())
    };
    emit(tx, event)
}

/// Posts an event as the system.
pub(crate) fn raise(tx: &mut Tx, name: &str, attributes: JsonObject) -> Result<()> {
    let event = CustomEvent::new(tx.new_id(), name.into(), tx.project(), "system".into(), tx.now());
    emit(tx, CustomEvent { attributes: Some(attributes), ..event }).map(drop)
}

/// Removes expired events, stores the new one, and publishes it.
fn emit(tx: &mut Tx, event: CustomEvent) -> Result<Arc<Doc<CustomEvent>>> {
    let alive = alive(tx.now());
    let all = tx.state().tables.events.with(CustomEvent::of_project(event.id_project)).map(|event| event.value());
    let old = all.take_while(|event| !alive.contains(&event.created_at.milliseconds())).map(|event| event.id);
    old.collect::<Vec<_>>().into_iter().try_for_each(|event| tx.remove_by_id(event).map(drop))?;
    let event = tx.put(event)?;
    tx.emit(EventName::EventEmit, &event);
    Ok(event)
}

/// The caller as shown in event payloads: the user, the claims of a visitor's token, the bot, or the subscription.
fn person(state: &State, caller: &Principal) -> JsonObject {
    let told = match caller {
        Principal::User(user) => state.tables.users.get(*user).map(|user| object(user.json())).unwrap_or_default(),
        Principal::Visitor(visitor) => {
            let mut claims = visitor.claims.0.clone();
            claims.insert("id".into(), json!(visitor.id));
            claims.insert("fullName".into(), json!(authenticate::identity(state, caller).fullname.unwrap_or_default()));
            claims
        }
        Principal::Service(machine) => {
            let bot = Id::parse(&machine.id).and_then(|id| state.tables.bots.get(id)).map(|bot| bot.json());
            let subscription = || state.tables.subscriptions.get(Id::parse(&machine.id)?).map(|doc| doc.json());
            bot.or_else(subscription).map(object).unwrap_or_default()
        }
    };
    JsonObject(told)
}

/// The event payload: the event with its member, which embeds the user, and with the caller.
pub(crate) fn show(state: &State, doc: &Doc<CustomEvent>) -> Bytes {
    let event = doc.value();
    let mut told = object(doc.json());
    if let Some(member) = event.project_user.and_then(|member| state.tables.project_users.get(member)) {
        told.insert("project_user".into(), Value::Object(object(&team::rules::show(state, member))));
    }
    if let Some(user) = &event.user {
        told.insert("user".into(), json!(user));
    }
    told.insert("id".into(), json!(event.id));
    render(&told).into()
}

fn object(document: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(document).expect("documents are rendered objects")
}

/// The payloads of a member's latest events, optionally with one name, newest first.
pub(crate) fn latest(
    state: &State,
    project: Id<Project>,
    member: Id<Teammate>,
    name: Option<&str>,
    (now, limit): (Timestamp, usize),
) -> Vec<Bytes> {
    let by_name = name.map(|name| vec![CustomEvent::of_name(project, name)]);
    let all = [vec![CustomEvent::of_member(project, &member.to_string())]].into_iter().chain(by_name).collect();
    let order = Order::Default(Direction::Descending);
    let rows = state.tables.events.list(&Query {
        all,
        also: Vec::new(),
        only: None,
        range: alive(now),
        order,
        skip: 0,
        limit,
    });
    rows.docs.iter().map(|event| show(state, event)).collect()
}
