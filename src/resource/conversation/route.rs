//! Routing of requests by departments.

use std::sync::Arc;

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde_json::{Map, json};

use crate::{
    http::{Agent, Body, Member, Path, Reply},
    identity::Actor,
    json_schema::{OneOf, Populated},
    resource::{
        activity::rules::{self as activity, Assignment},
        department::{
            self,
            document::Department,
            operator::{self as operator, Bots},
        },
        event,
        request::{
            Section,
            document::Request,
            participant::rules::welcome,
            respond,
            rules::{load, load_or, republish, save, show, show_plain, unchanged},
        },
    },
    state::Tx,
    store::Doc,
    value::{JsonObject, Result, Text, error::ErrorBody},
};

/// The department to which to route a request.
#[derive(Object)]
pub(crate) struct Route {
    /// Identifier of the department (default the project's default department). An unknown identifier returns 422.
    pub(crate) departmentid: Option<Text>,
    /// `true` skips the department's bot.
    pub(crate) nobot: Option<bool>,
    /// Has no effect: the response always embeds the referenced objects.
    pub(crate) no_populate: Option<bool>,
}

pub(crate) struct Routing;

#[OpenApi(tag = "Section::Requests")]
impl Routing {
    /// Route a request to a department
    ///
    /// Applies the routing of the department, regardless of the status of the request: its bot, an agent, or no one
    /// becomes the participant. Subscribers of `operator.select` can choose others. Emits `request.update`.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/departments", method = "put", operation_id = "route_request")]
    async fn route(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<Route>,
    ) -> Result<Reply<Populated<Request>>> {
        respond::route(&member.scope, |tx| route(tx, &member.actor, &request_id, &body.0)).await
    }

    /// Hand over a request
    ///
    /// Routes the request to an agent of its department, without the bot, or to the project's default department if its
    /// own was deleted. Subscribers of `operator.select` can choose other participants. Emits `request.update`.
    ///
    /// Returns the updated request.
    #[oai(path = "/requests/:request_id/agent", method = "put", operation_id = "hand_over_request")]
    async fn hand_over(&self, member: Member<Agent>, request_id: Path<Text>) -> Result<Reply<Populated<Request>>> {
        respond::route(&member.scope, |tx| hand_over(tx, &member.actor, &request_id)).await
    }

    /// Assign a request to a department
    ///
    /// Routes the request to a department unless it is already served or closed. Subscribers of `operator.select` can
    /// choose other participants. Emits `request.update` if the request is routed. A request that is not routed is
    /// returned unchanged, with the identifiers of its department, lead, and requester instead of the objects.
    ///
    /// Returns the request.
    #[oai(path = "/requests/:request_id/assign", method = "put", operation_id = "assign_request")]
    async fn assign(
        &self,
        member: Member<Agent>,
        request_id: Path<Text>,
        body: Body<Route>,
    ) -> Result<Reply<OneOf<Populated<Request>, Request>>> {
        let assigned = member.scope.write_with_callouts(|tx| assign(tx, &member.actor, &request_id, &body.0));
        assigned.await.map(Reply::new)
    }
}

pub(crate) fn route(tx: &mut Tx, by: &Actor, request_id: &str, route: &Route) -> Result<Arc<Doc<Request>>> {
    let request = load(tx, request_id)?;
    let department = named(tx, route)?;
    give(tx, by, request, department, (bots(route), Assignment::Department))
}

pub(crate) fn hand_over(tx: &mut Tx, by: &Actor, request_id: &str) -> Result<Arc<Doc<Request>>> {
    let request = load(tx, request_id)?;
    // The request's department may have been deleted.
    let own = request.department.and_then(|id| tx.by_id(id).ok());
    let department =
        own.map_or_else(|| department::rules::named(tx.state(), tx.project(), "departmentid", None), Ok)?;
    give(tx, by, request, department, (Bots::Skipped, Assignment::Automatic))
}

/// Returns the identifiers of referenced objects, instead of the objects, for a request that is not routed.
fn assign(tx: &mut Tx, by: &Actor, request_id: &str, route: &Route) -> Result<Bytes> {
    let request = load_or(tx, request_id, ErrorBody::msg("Request not found".into()))?;
    if matches!(request.status, Request::SERVED | Request::CLOSED) {
        return unchanged(tx, &request).map(|request| show_plain(&request));
    }
    let department = named(tx, route)?;
    let request = give(tx, by, request, department, (bots(route), Assignment::Automatic))?;
    Ok(show(tx.state(), &request))
}

fn named(tx: &Tx, route: &Route) -> Result<Department> {
    department::rules::named(tx.state(), tx.project(), "departmentid", route.departmentid.as_deref())
}

fn bots(route: &Route) -> Bots {
    if route.nobot == Some(true) { Bots::Skipped } else { Bots::First }
}

/// Assigns a request by the routing of a department, regardless of its status.
pub(crate) fn give(
    tx: &mut Tx,
    by: &Actor,
    mut request: Request,
    department: Department,
    (bots, assignment): (Bots, Assignment),
) -> Result<Arc<Doc<Request>>> {
    let left = request.attributes.as_ref().and_then(|attributes| attributes.0.get("abandoned_by_project_users"));
    let left = left.and_then(|left| left.as_object()).cloned().map(JsonObject);
    let choice = operator::select(tx, &department, bots, left.as_ref())?;
    if choice.abandoned {
        request.attributes.get_or_insert_default().0.insert("fully_abandoned".into(), json!(true));
    }
    let participants = choice.operators.clone();
    let status = if participants.is_empty() { Request::UNSERVED } else { Request::SERVED };
    let same = request.department == Some(department.id)
        && request.participants == participants
        && [status, Request::ABANDONED].contains(&request.status);
    if same {
        return stay(tx, request);
    }
    let before = std::mem::replace(&mut request.participants, participants);
    if before == request.participants {
        // Routing counts as a change of the participants even if they stay the same.
        request.version += 1;
    }
    request.status = status;
    request.assigned_at = (status == Request::SERVED).then(|| tx.now());
    choice.note(&mut request);
    request.department = Some(department.id);
    request.snapshot.department = Some(department);
    let request = save(tx, request)?;
    activity::assigned(tx, by, &request.value(), assignment, &before)?;
    welcome(tx, &request.value(), &request.value().participants_agents)?;
    Ok(request)
}

/// Emits an update even if routing changes nothing. A request that every available agent has left becomes abandoned.
fn stay(tx: &mut Tx, mut request: Request) -> Result<Arc<Doc<Request>>> {
    let abandoned = request.attributes.as_ref().is_some_and(|all| all.0.get("fully_abandoned") == Some(&json!(true)));
    if abandoned && request.participants.is_empty() {
        let before = std::mem::replace(&mut request.status, Request::ABANDONED);
        let request = save(tx, request)?;
        if before != Request::ABANDONED {
            let attributes = Map::from_iter([("request_id".into(), json!(request.value().request_id))]);
            event::rules::raise(tx, "request.fully_abandoned", JsonObject(attributes))?;
        }
        return Ok(request);
    }
    let request = republish(tx, &request)?;
    welcome(tx, &request.value(), &request.value().participants_agents)?;
    Ok(request)
}
