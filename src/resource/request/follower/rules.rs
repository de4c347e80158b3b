//! Who follows a request.

use std::sync::Arc;

use serde_json::json;

use crate::{
    resource::{
        request::{
            model::Request,
            rules::{load, save, unchanged},
        },
        team::model::Teammate,
    },
    store::Doc,
    world::{Error, Given, Id, Result, Text, Tx},
};

// Followers are not looked up: the documentation calls them teammates, the reference server stores memberships, and
// clients send either.
pub(super) fn add(tx: &mut Tx, request_id: &str, member: &Text) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    let id =
        Id::parse(member).ok_or_else(|| Error::invalid("member", json!(member), "expected 24 hexadecimal digits"))?;
    if request.followers.contains(&id) {
        return unchanged(tx, &request);
    }
    request.followers.push(id);
    save(tx, request)
}

pub(super) fn set(tx: &mut Tx, request_id: &str, all: Vec<Id<Teammate>>) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    request.followers.clear();
    for id in all {
        if !request.followers.contains(&id) {
            request.followers.push(id);
        }
    }
    save(tx, request)
}

pub(super) fn remove(tx: &mut Tx, request_id: &str, id: &Given<Teammate>) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    let before = request.followers.len();
    request.followers.retain(|known| Some(*known) != id.id());
    if request.followers.len() == before { unchanged(tx, &request) } else { save(tx, request) }
}
