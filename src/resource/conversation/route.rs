//! Who serves a request, by the rules of a department.

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

/// A department to which a request is to be given.
#[derive(Object)]
pub(crate) struct Route {
    /// Identifier of the department; the default one when it is missing.
    pub(crate) departmentid: Option<Text>,
    /// True leaves the department's bot out.
    pub(crate) nobot: Option<bool>,
    /// Has no effect: the answer always holds what the request refers to.
    pub(crate) no_populate: Option<bool>,
}

pub(crate) struct Routing;

#[OpenApi(tag = "Section::Requests")]
impl Routing {
    /// Route a request to a department
    ///
    /// The department's rules decide anew who serves the request: its bot, an agent, or nobody.
    #[oai(path = "/requests/:request_id/departments", method = "put", operation_id = "route_request")]
    async fn route(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<Route>,
    ) -> Result<Reply<Populated<Request>>> {
        respond::route(&member.scope, |tx| route(tx, &member.actor, &request_id, &body.0)).await
    }

    /// Hand a request over to an agent
    ///
    /// Routes the request to its own department without the bot, or to the default one if its own was deleted.
    #[oai(path = "/requests/:request_id/agent", method = "put", operation_id = "hand_over_request")]
    async fn hand_over(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Reply<Populated<Request>>> {
        respond::route(&member.scope, |tx| hand_over(tx, &member.actor, &request_id)).await
    }

    /// Assign a request
    ///
    /// Routes the request to a department unless it is served or closed. A request that is not routed is answered as it is,
    /// with the identifiers of its department, lead, and requester.
    #[oai(path = "/requests/:request_id/assign", method = "put", operation_id = "assign_request")]
    async fn assign(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<Route>,
    ) -> Result<Reply<OneOf<Populated<Request>, Request>>> {
        let assigned = member.scope.write_with_callouts(|tx| assign(tx, &member.actor, &request_id, &body.0));
        assigned.await.map(Reply::new)
    }
}

fn route(tx: &mut Tx, by: &Actor, request_id: &str, route: &Route) -> Result<Arc<Doc<Request>>> {
    let request = load(tx, request_id)?;
    let department = named(tx, route)?;
    give(tx, by, request, department, (bots(route), Assignment::Department))
}

pub(crate) fn hand_over(tx: &mut Tx, by: &Actor, request_id: &str) -> Result<Arc<Doc<Request>>> {
    let request = load(tx, request_id)?;
    // The own department may have been deleted.
    let own = request.department.and_then(|id| tx.by_id(id).ok());
    let department =
        own.map_or_else(|| department::rules::named(tx.state(), tx.project(), "departmentid", None), Ok)?;
    give(tx, by, request, department, (Bots::Skipped, Assignment::Automatic))
}

/// A request that is not routed is answered with the identifiers of what it refers to.
fn assign(tx: &mut Tx, by: &Actor, request_id: &str, route: &Route) -> Result<Bytes> {
    let request = load_or(tx, request_id, ErrorBody::Msg("Request not found".into()))?;
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

/// Gives a request to whom a department chooses, whatever its status is.
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
        // A new route counts as a change of the participants, even to the same ones.
        request.version += 1;
    }
    request.status = status;
    request.assigned_at = (status == Request::SERVED).then(|| tx.now());
    request.waiting_time = None;
    choice.note(&mut request);
    request.department = Some(department.id);
    request.snapshot.department = Some(department);
    let request = save(tx, request)?;
    activity::assigned(tx, by, &request.value(), assignment, &before)?;
    welcome(tx, &request.value(), &request.value().participants_agents)?;
    Ok(request)
}

/// A route that changes nothing is told all the same. Who has been left by everybody is abandoned.
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
