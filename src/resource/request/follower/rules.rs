//! Who follows a request.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    resource::{
        project::model::Project,
        request::{
            model::Request,
            rules::{each_known, load, save, unchanged},
        },
        team::model::Teammate,
    },
    store::Doc,
    world::{Error, Id, Result, State, Text, Tx},
};

/// Followers who exist, each once. They are memberships; clients send users, too.
//
// Departs: only members of the project can follow its requests; the reference server takes any identifier.
pub(in crate::resource::request) fn known(
    state: &State,
    project: Id<Project>,
    field: &str,
    followers: Vec<Id<Teammate>>,
) -> Result<Vec<Id<Teammate>>> {
    let exists = |follower| is_member(state, project, follower);
    each_known(field, followers, exists, |field, follower| unknown(field, json!(follower)))
}

fn is_member(state: &State, project: Id<Project>, follower: Id<Teammate>) -> bool {
    let members = &state.tables.project_users;
    let as_user = || Id::parse(&follower.to_string()).and_then(|user| members.find(Teammate::of_user(project, user)));
    members.get(follower).or_else(as_user).is_some_and(|member| member.value().id_project == project)
}

fn unknown(field: &str, value: Value) -> Error {
    Error::invalid(field, value, "expected the identifier of a member of the project")
}

pub(super) fn add(tx: &mut Tx, request_id: &str, member: &Text) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    let id = Id::parse(member).filter(|id| is_member(tx.state(), tx.project(), *id));
    let id = id.ok_or_else(|| unknown("member", json!(member)))?;
    if request.followers.contains(&id) {
        return unchanged(tx, &request);
    }
    request.followers.push(id);
    save(tx, request)
}

pub(super) fn set(tx: &mut Tx, request_id: &str, all: Vec<Id<Teammate>>) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    request.followers = known(tx.state(), tx.project(), "", all)?;
    save(tx, request)
}

pub(super) fn remove(tx: &mut Tx, request_id: &str, id: &str) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    let before = request.followers.len();
    request.followers.retain(|known| Some(*known) != Id::parse(id));
    if request.followers.len() == before { unchanged(tx, &request) } else { save(tx, request) }
}
