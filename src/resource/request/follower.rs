//! Followers: teammates who are kept informed of a request without serving it.

use std::sync::Arc;

use poem_openapi::OpenApi;
use serde_json::{Value, json};

use super::{
    Section,
    document::Request,
    participant::schema::NewParticipant,
    rules::{each_known, load, save, unchanged},
};
use crate::{
    http::{Agent, Body, Member, Path, Reply},
    json_schema::Populated,
    resource::{project::document::Project, request::respond::change, team::document::Teammate},
    state::{State, Tx},
    store::Doc,
    value::{Error, Id, Result, Text},
};

pub(crate) struct Followers;

#[OpenApi(tag = "Section::Requests")]
impl Followers {
    /// Add a follower
    ///
    /// Emits `request.update`. Adding a follower again changes nothing.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/followers", method = "post", operation_id = "add_request_follower")]
    async fn add(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<NewParticipant>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| add(tx, &request_id, &body.0.member))
    }

    /// Set the followers
    ///
    /// Replaces all followers and emits `request.update`.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/followers", method = "put", operation_id = "set_request_followers")]
    async fn set(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<Vec<Id<Teammate>>>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| set(tx, &request_id, body.0))
    }

    /// Remove a follower
    ///
    /// Emits `request.update`. Removing a teammate who is not a follower changes nothing.
    ///
    /// Returns the updated request.
    #[oai(
        path = "/requests/:request_id/followers/:follower_id",
        method = "delete",
        operation_id = "remove_request_follower"
    )]
    async fn remove(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        /// Identifier of the follower, as in `followers`.
        follower_id: Path<Text>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| remove(tx, &request_id, &follower_id))
    }
}

/// Checks that followers exist and removes duplicates. Followers are memberships, but clients also send users.
//
// Departs: Only members of the project can follow its conversations; the reference server accepts any ID.
pub(crate) fn known(
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

fn add(tx: &mut Tx, request_id: &str, member: &Text) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    let id = Id::parse(member).filter(|id| is_member(tx.state(), tx.project(), *id));
    let id = id.ok_or_else(|| unknown("member", json!(member)))?;
    if request.followers.contains(&id) {
        return unchanged(tx, &request);
    }
    request.followers.push(id);
    save(tx, request)
}

fn set(tx: &mut Tx, request_id: &str, all: Vec<Id<Teammate>>) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    request.followers = known(tx.state(), tx.project(), "", all)?;
    save(tx, request)
}

fn remove(tx: &mut Tx, request_id: &str, id: &str) -> Result<Arc<Doc<Request>>> {
    let mut request = load(tx, request_id)?;
    let before = request.followers.len();
    request.followers.retain(|known| Some(*known) != Id::parse(id));
    if request.followers.len() == before { unchanged(tx, &request) } else { save(tx, request) }
}
