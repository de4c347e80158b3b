//! Rules for subscriptions.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use url::Url;

use super::{
    document::Subscription,
    schema::{NewSubscription, SubscriptionPatch},
};
use crate::{
    identity::Principal,
    render,
    resource::project::document::Project,
    state::{State, Tx},
    store::Doc,
    value::{Error, Id, RawId, Result, Text, primitive::Secret},
};

pub(super) fn list(state: &State, project: Id<Project>) -> Bytes {
    let all = state.tables.subscriptions.with(Subscription::of_project(project));
    render::json::array(all.map(|subscription| subscription.json()))
}

pub(super) fn get(state: &State, project: Id<Project>, id: &RawId<Subscription>) -> Result<Bytes> {
    state.find(Some(project), id).map(|subscription| subscription.to_json()).ok_or(Error::OBJECT_NOT_FOUND)
}

/// The new or the existing subscription, and the response with its secret.
pub(super) fn create(tx: &mut Tx, by: &Principal, new: NewSubscription) -> Result<(Arc<Doc<Subscription>>, Bytes)> {
    check(&new.target)?;
    let known = tx.state().tables.subscriptions.find(Subscription::exactly(tx.project(), &new.event, &new.target));
    if let Some(known) = known {
        return Ok((known.clone(), reveal(known, render::json::Object::new(known.json(), 60))));
    }
    let subscription = Subscription {
        id: tx.new_id(),
        target: new.target,
        event: new.event,
        id_project: tx.project(),
        created_by: by.id(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
        global: false,
        secret: Secret::new(tx.new_uuid()),
    };
    let subscription = tx.put(subscription)?;
    let mut answer = render::json::Object::new(subscription.json(), 80);
    answer.field("global", b"false");
    let answer = reveal(&subscription, answer);
    Ok((subscription, answer))
}

pub(super) fn update(tx: &mut Tx, id: &RawId<Subscription>, patch: SubscriptionPatch) -> Result<Bytes> {
    let mut subscription = tx.get(id)?;
    if let Some(target) = patch.target {
        check(&target)?;
        subscription.target = target;
    }
    subscription.event = patch.event.unwrap_or(subscription.event);
    tx.put(subscription).map(|subscription| subscription.to_json())
}

// Departs: A target must be an http or https URL; the reference server accepts any text.
fn check(target: &Text) -> Result<()> {
    let url = Url::parse(target).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.map(drop).ok_or_else(|| Error::invalid("target", json!(target), "expected an http or https URL"))
}

/// The subscription with its secret.
fn reveal(subscription: &Doc<Subscription>, mut answer: render::json::Object) -> Bytes {
    answer.text("secret", subscription.value().secret.reveal());
    answer.end()
}
