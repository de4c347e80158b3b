//! Followers: teammates who are kept informed of a request without serving it.

use poem_openapi::OpenApi;

use super::rules;
use crate::{
    http::{Agent, Body, Member, Path, Populated, Reply},
    resource::{
        request::{Section, api::change, model::Request, participant::model::NewParticipant},
        team::model::Teammate,
    },
    world::{Id, Result, Text},
};

pub(crate) struct Followers;

#[OpenApi(tag = "Section::Requests")]
impl Followers {
    /// Add a follower
    ///
    /// Whoever follows already is not added twice.
    #[oai(path = "/requests/:request_id/followers", method = "post", operation_id = "add_request_follower")]
    async fn add(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<NewParticipant>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::add(tx, &request_id, &body.0.member))
    }

    /// Set the followers
    ///
    /// Replaces all of them by those of the body.
    #[oai(path = "/requests/:request_id/followers", method = "put", operation_id = "set_request_followers")]
    async fn set(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        body: Body<Vec<Id<Teammate>>>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::set(tx, &request_id, body.0))
    }

    /// Remove a follower
    ///
    /// Removing somebody who does not follow changes nothing.
    #[oai(
        path = "/requests/:request_id/followers/:follower_id",
        method = "delete",
        operation_id = "remove_request_follower"
    )]
    async fn remove(
        &self,
        member: Member<Agent>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
        /// Identifier of the follower, as in `followers`.
        follower_id: Path<Text>,
    ) -> Result<Reply<Populated<Request>>> {
        change(&member.scope, |tx| rules::remove(tx, &request_id, &follower_id))
    }
}
