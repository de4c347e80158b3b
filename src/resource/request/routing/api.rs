//! Routing: who serves a request, by the rules of a department.

use poem_openapi::OpenApi;

use super::{model::Route, rules};
use crate::{
    http::{Agent, Body, Member, OneOf, Path, Populated, Reply},
    resource::request::{Section, api::route, model::Request},
    world::{Result, Text},
};

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
        route(&member.scope, |tx| rules::route(tx, &member.actor, &request_id, &body.0)).await
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
        route(&member.scope, |tx| rules::hand_over(tx, &member.actor, &request_id)).await
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
        let assigned = member.scope.write_asking(|tx| rules::assign(tx, &member.actor, &request_id, &body.0));
        assigned.await.map(Reply::new)
    }
}
